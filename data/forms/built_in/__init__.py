"""The forms that come with the program: rows as CSV, of which the workbooks beside them are made.

Whoever changes the rows makes the workbooks anew: ``python -m data.forms.built_in.forms``.
"""
