"""The sheets of a lab's workbook and their columns; headings stand in both languages, so that any reader finds them."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Choices
from django.utils.translation import override

from labs.calibration.models import CalibrationRecord
from labs.capabilities.models import Capability
from labs.capabilities.quantities import QUANTITIES
from labs.catalogue.models import Instrument, Offering
from labs.exchange.rules import Column, Sheet
from labs.hours.models import OpeningWindow
from labs.tariffs.models import Tariff

YUAN, COUNT = 10**9, 32_767
LONG = 5_000
TAXES = {
    "rental_assisted": ("委托操作租赁", "rental with operator"),
    "testing_service": ("检测服务", "testing service"),
    "rental_self": ("自主上机租赁", "rental operated by oneself"),
}
LANGUAGES = {"zh": ("中文", "Chinese"), "en": ("英文", "English")}
DAY_TYPES = {
    "workday": ("工作日", "workday"),
    "restday": ("休息日", "rest day"),
    "holiday": ("法定节假日", "public holiday"),
}


def words(choices: type[Choices]) -> Mapping[str, tuple[str, str]]:
    """Return the words of a field's choices in Chinese and in English, by the value that is kept."""
    found = []
    for language in ("zh-hans", "en"):
        with override(language):
            found.append([str(label) for label in choices.labels])
    return dict(zip(map(str, choices.values), zip(*found, strict=True), strict=True))


def text(key: str, zh: str, en: str, most: int = 200, **how: Any) -> Column:
    """Return a column of text; an empty cell is an empty text."""
    return Column(key, zh, en, most=most, **{"blank": "", **how})


def sheets() -> tuple[Sheet, ...]:
    """Return the sheets in their order; a later one may name what an earlier one brings."""
    instrument = Column("instrument", "仪器编号", "Instrument code", is_required=True, most=40)
    return (
        Sheet(
            "instruments",
            "仪器",
            "Instruments",
            (
                Column("code", "编号", "Code", is_required=True, most=40),
                Column("name_zh", "中文名称", "Chinese name", is_required=True),
                text("name_en", "英文名称", "English name"),
                text("keywords", "关键词", "Keywords", 300),
                Column("category", "分类代码", "Category code", is_required=True, most=8),
                Column("class_kind", "类别", "Kind", "choice", choices=words(Instrument.ClassKind)),
                text("model", "型号", "Model", 100),
                text("maker", "制造商", "Maker"),
                text("serial_no", "出厂编号", "Serial number", 100),
                text("asset_no", "资产编号", "Asset number", 100),
                Column("commissioned_year", "启用年份", "In use since", "int", blank=None, least=1900, most=2199),
                Column("original_value_fen", "原值（元）", "Original value (¥)", "yuan", most=YUAN),
                text("description_zh", "中文说明", "Chinese description", LONG),
                text("description_en", "英文说明", "English description", LONG),
                text("not_for_loan_zh", "不外借部件", "Parts not lent", 300),
                Column("rental_mode", "使用方式", "Rental mode", "choice", choices=words(Instrument.RentalMode)),
                Column("training_required", "须培训", "Training required", "yes"),
                Column("capacity", "台数", "Capacity", "int", least=1, most=COUNT),
                Column("capacity_unit_zh", "计量单位", "Unit of capacity", most=20),
                Column("room", "房间编号", "Room code", blank=None, most=24),
                Column("shared_condition_profile", "共用同一条件", "One condition for all", "yes"),
                Column("span_closed", "可无人值守运行", "May run unattended", "yes"),
                Column("unattended_buffers", "缓冲可在开放时间外", "Buffers outside hours", "yes"),
                Column("requires_calibration", "须在校准有效期内", "Must be calibrated", "yes"),
            ),
            ("code",),
        ),
        Sheet(
            "parameters",
            "参数",
            "Parameters",
            (
                instrument,
                Column("position", "序号", "Number", "int", is_required=True, least=1, most=500),
                Column("name_zh", "中文名称", "Chinese name", is_required=True, most=100),
                text("name_en", "英文名称", "English name", 100),
                text("range", "量程", "Range", 100),
                text("unit", "单位", "Unit", 40),
                text("accuracy", "准确度", "Accuracy", 100),
            ),
            ("instrument", "position"),
        ),
        Sheet(
            "capabilities",
            "测量能力",
            "Capabilities",
            (
                instrument,
                Column("order", "顺序", "Order", "int", is_required=True, least=1, most=500),
                text("parameter", "所属参数（中文名称）", "Of the parameter (Chinese name)", 100),
                Column(
                    "quantity",
                    "量",
                    "Quantity",
                    "choice",
                    is_required=True,
                    choices={each.code: (each.name_zh, each.name_en) for each in QUANTITIES.values()},
                ),
                Column("stated_low", "下限", "From", "decimal", blank=None),
                Column("stated_high", "上限", "To", "decimal", blank=None),
                Column("unit", "单位", "Unit", is_required=True, most=24),
                text("uncertainty", "不确定度或误差", "Uncertainty or error", 100),
                Column(
                    "uncertainty_kind",
                    "其含义",
                    "What that is",
                    "choice",
                    blank="",
                    choices=words(Capability.UncertaintyKind),
                ),
                Column("coverage_factor", "包含因子 k", "Coverage factor k", "decimal", blank=None),
                text("note", "备注", "Note"),
            ),
            ("instrument", "order"),
        ),
        Sheet(
            "certificates",
            "检定校准记录",
            "Calibrations",
            (
                instrument,
                Column("certificate_no", "证书编号", "Certificate number", is_required=True, most=100),
                Column("kind", "种类", "Kind", "choice", is_required=True, choices=words(CalibrationRecord.Kind)),
                text("method", "依据", "Method", 80),
                text("issued_by_zh", "出具机构", "Issued by"),
                text("traceable_to_zh", "溯源至", "Traceable to"),
                Column("calibrated_on", "检定校准日期", "Calibrated on", "date", is_required=True),
                Column("valid_from", "有效期自", "Valid from", "date", is_required=True),
                Column("valid_to", "有效期至", "Valid to", "date", is_required=True),
                Column("result", "结果", "Result", "choice", is_required=True, choices=words(CalibrationRecord.Result)),
                text("issuer_accreditation", "出具机构资质", "Accreditation of the issuer", 100),
                text("uncertainty", "结果及不确定度", "Result with uncertainty", 300),
                text("corrections_zh", "修正值与限制", "Corrections and limits", 300),
                text("confirmed_by", "确认人", "Confirmed by", 100),
            ),
            ("instrument", "certificate_no"),
        ),
        Sheet(
            "offerings",
            "服务项目",
            "Offerings",
            (
                Column("code", "编号", "Code", is_required=True, most=40),
                Column("kind", "种类", "Kind", "choice", is_required=True, choices=words(Offering.Kind)),
                Column("state", "状态（仅供查看）", "State (shown only)", "shown"),
                Column("name_zh", "中文名称", "Chinese name", is_required=True),
                text("name_en", "英文名称", "English name"),
                text("keywords", "关键词", "Keywords", 300),
                text("parameter_zh", "检测参数（中文）", "Parameter (Chinese)"),
                text("parameter_en", "检测参数（英文）", "Parameter (English)"),
                Column("standards", "标准编号", "Standards", "list", blank=(), most=80),
                Column("instruments", "所用仪器编号", "Instruments", "list", blank=(), most=40),
                text("price_unit_zh", "计价单位", "Price unit", 20),
                Column("unit_price_fen", "单价（元）", "Unit price (¥)", "yuan", most=YUAN),
                Column("min_qty", "起订量", "Least quantity", "int", least=1, most=10**6),
                Column("tiers", "阶梯价（数量: 百分比）", "Tiers (from quantity: percent)", "pairs", blank=()),
                Column("turnaround_workdays", "周期（工作日）", "Turnaround (workdays)", "int", blank=None, most=COUNT),
                Column(
                    "urgent_options", "加急（工作日: 加价百分比）", "Urgent (workdays: surcharge)", "pairs", blank=()
                ),
                Column("report_languages", "报告语言", "Report languages", "list", blank=(), choices=LANGUAGES),
                Column("tax_category", "税目", "Tax category", "choice", choices=TAXES),
                text("sample_quantity", "样品数量", "Sample quantity", 100),
                text("sample_form_zh", "样品形态", "Form of the sample"),
                text("sample_storage_zh", "样品包装与保存", "Packing and storage"),
                text("sample_requirement_zh", "送样要求（中文）", "Sample requirement (Chinese)", 300),
                text("sample_requirement_en", "送样要求（英文）", "Sample requirement (English)", 300),
                Column(
                    "return_policy",
                    "样品处置",
                    "What becomes of it",
                    "choice",
                    blank="",
                    choices=words(Offering.ReturnPolicy),
                ),
                Column("subcontracting", "可分包", "May be subcontracted", "yes"),
                Column("cma_in_scope", "CMA 范围内", "In CMA scope", "yes"),
                Column("cnas_in_scope", "CNAS 范围内", "In CNAS scope", "yes"),
                Column("mandatory", "强制检定", "Compulsory verification", "yes"),
                Column("form", "检验形式", "Form of inspection", "choice", blank="", choices=words(Offering.Form)),
                text("inspection_level", "检验水平", "Inspection level", 8),
                Column("day_rate_fen", "人日价（元）", "Rate per day (¥)", "yuan", most=YUAN),
                Column("trip_fee_fen", "差旅费（元）", "Fee per trip (¥)", "yuan", most=YUAN),
                Column("zone_fee_fen", "远区费（元）", "Fee for farther districts (¥)", "yuan", most=YUAN),
                text("bring_zh", "客户须带（中文）", "What to bring (Chinese)", LONG),
                text("bring_en", "客户须带（英文）", "What to bring (English)", LONG),
                text("safety_zh", "安全规则（中文）", "Safety rules (Chinese)", LONG),
                text("safety_en", "安全规则（英文）", "Safety rules (English)", LONG),
                text("data_export_zh", "数据导出（中文）", "Data export (Chinese)", 300),
                text("data_export_en", "数据导出（英文）", "Data export (English)", 300),
            ),
            ("code",),
        ),
        Sheet(
            "tariffs",
            "价目表",
            "Price lists",
            (
                instrument,
                Column("version", "版本（仅供查看）", "Version (shown only)", "shown"),
                Column("valid_from", "生效时间（实验室当地时间）", "Holds from (lab's clock)", "moment", blank=None),
                Column(
                    "base_rate_fen_per_hour",
                    "基准价（元/小时）",
                    "Base rate (¥/h)",
                    "yuan",
                    is_required=True,
                    most=YUAN,
                ),
                Column(
                    "billing_increment_min", "计费步进（分钟）", "Counted in steps (min)", "int", least=1, most=1440
                ),
                Column("min_billable_minutes", "最低计费时长（分钟）", "Least time (min)", "int", most=527_040),
                Column("min_charge_fen", "最低消费（元）", "Minimum charge (¥)", "yuan", most=YUAN),
                Column("setup_fee_fen", "开机费（元/次）", "Set-up (¥)", "yuan", most=YUAN),
                Column("operator_fee_fen_per_hour", "操作费（元/小时）", "Operator (¥/h)", "yuan", most=YUAN),
                Column("sme_discount_bp", "中小企业优惠（%）", "Discount for SMEs (%)", "percent", most=100),
                Column("bill_mode", "计费依据", "Charged is", "choice", choices=words(Tariff.BillMode)),
            ),
            ("instrument",),
        ),
        Sheet(
            "bands",
            "分时时段",
            "Hour bands",
            (
                instrument,
                Column("order", "顺序", "Order", "int", is_required=True, least=1, most=100),
                text("name_zh", "中文名称", "Chinese name", 40),
                text("name", "英文名称", "English name", 40),
                Column("start", "开始", "From", "clock", is_required=True),
                Column("end", "结束", "To", "clock", is_required=True),
                Column("day_types", "适用日期", "Days", "list", is_required=True, choices=DAY_TYPES),
                Column("rate_bp", "价格（基准价的 %）", "Rate (% of the base)", "percent", is_required=True, most=1000),
            ),
            ("instrument", "order"),
        ),
        Sheet(
            "policies",
            "预约规则",
            "Terms of booking",
            (
                instrument,
                Column("version", "版本（仅供查看）", "Version (shown only)", "shown"),
                Column("valid_from", "生效时间（实验室当地时间）", "Holds from (lab's clock)", "moment", blank=None),
                Column("slot_grid_min", "时间网格（分钟）", "Slot grid (min)", "int", least=1, most=1440),
                Column("min_minutes", "最短预约（分钟）", "Shortest booking (min)", "int", least=1, most=527_040),
                Column("max_minutes", "最长预约（分钟）", "Longest booking (min)", "int", least=1, most=527_040),
                Column("pre_buffer_min", "前缓冲（分钟）", "Buffer before (min)", "int", most=1440),
                Column("post_buffer_min", "后缓冲（分钟）", "Buffer after (min)", "int", most=1440),
                Column("lead_time_min", "提前量（分钟）", "Lead time (min)", "int", most=527_040),
                Column("advance_days", "可提前预约（天）", "Bookable ahead (days)", "int", most=COUNT),
                Column("requires_approval", "须审批", "Needs approval", "yes"),
                Column("sme_reserve_bp", "中小企业保留（%）", "Reserved for SMEs (%)", "percent", most=100),
                Column(
                    "week_max_minutes",
                    "每家客户每周上限（分钟，空为不限）",
                    "One customer's week at most (min, empty: no limit)",
                    "int",
                    blank=None,
                    most=COUNT,
                ),
                Column("hold_minutes", "占位时长（分钟）", "A hold lasts (min)", "int", least=1, most=COUNT),
                Column("no_show_grace_min", "爽约宽限（分钟）", "A no-show after (min)", "int", most=1440),
                Column("cancellation", "取消阶梯（提前小时: 费用）", "Cancelling (hours before: fee)", "pairs"),
            ),
            ("instrument",),
        ),
        Sheet(
            "hours",
            "开放时间",
            "Opening hours",
            (
                Column("day", "日期", "Day", "choice", is_required=True, choices=words(OpeningWindow.Day)),
                Column("opens", "开始", "Opens", "clock", is_required=True),
                Column("closes", "结束", "Closes", "clock", is_required=True),
            ),
            ("day", "opens"),
        ),
    )
