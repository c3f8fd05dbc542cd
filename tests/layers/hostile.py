"""Names that tried to run or to break a map."""

HOSTILE = [
    "</script><script>alert(1)</script>",
    "${alert(1)}",
    "`+alert(1)+`",
    "<img src=x onerror=alert(1)>",
    "\\`",
    "{{ 7 * 7 }}",
    "{{{ 7 }}}",
    "{% for x in y %}",
    "{# gone #}",
    "\u2028",
]
