"""Words for samples of closed cases and what a third party finds, in the reader's language."""

from __future__ import annotations

from gisgrid.indicators.evaluation.rules import CheckResult
from gisgrid.indicators.evaluation.sheet import SampleTold
from web.i18n import gettext as _


def result_name(result: str) -> str:
    """Whether what was reported is settled, as seen on site."""
    names = {
        CheckResult.SOLVED: _("已解决"),
        CheckResult.PARTLY: _("部分解决"),
        CheckResult.NOT: _("未解决"),
    }
    return names[CheckResult(result)]


def results() -> list[tuple[str, str]]:
    """Every result with its word."""
    return [(one.value, result_name(one)) for one in CheckResult]


def method_of(sample: SampleTold) -> str:
    """How a sample was drawn, so that anybody can draw it again."""
    said = _(
        "简单随机抽样:把 {first} 至 {last} 结案的 {population} 件(不公开的类别和已隐去文字的除外)"
        "按内部编号排序,用服务器生成的种子 {seed} 以 Python 的 random.Random(种子).sample 抽取 {drawn} 件。"
    ).format(
        first=sample.first_day,
        last=sample.last_day,
        population=sample.population,
        seed=sample.seed,
        drawn=sample.drawn,
    )
    if sample.population < sample.size:
        few = _("要求 {size} 件,期内只有 {population} 件,已全部抽取。")
        said += few.format(size=sample.size, population=sample.population)
    return said


def definitions() -> dict[str, str]:
    """What each number of the comparison is made of."""
    return {
        "in_time_share": _("按时结案的 ÷ 样本中有时限且已结案的"),
        "rating_mean": _("居民对效果评分(1–5)的平均,只算评过的"),
        "solved_share": _("第三方认定已解决的 ÷ 已核查的;部分解决不算"),
        "score_mean": _("第三方评分(1–5)的平均,只算已核查的"),
        "difference": _("第三方评分减居民评分的平均,只算两边都有的"),
    }
