"""The schema of the open catalogue: every field of every table, said once for files, programs and people."""

from dataclasses import dataclass
from typing import Any, Literal

type Kind = Literal["text", "integer", "number", "boolean", "date", "list", "objects"]

JSON_TYPES: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "list": {"type": "array", "items": {"type": "string"}},
    "objects": {"type": "array", "items": {"type": "object"}},
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a table: its name, what kind of value it holds, what it means, and whether it may be unknown."""

    name: str
    kind: Kind
    zh: str
    en: str
    may_be_null: bool = False

    def as_schema(self) -> dict[str, Any]:
        """Return the field in JSON Schema."""
        told = dict(JSON_TYPES[self.kind])
        if self.may_be_null:
            told["type"] = [told["type"], "null"]
        return {**told, "description": f"{self.en} / {self.zh}"}


LABS = (
    Field("code", "text", "实验室编号", "code of the laboratory"),
    Field("name_zh", "text", "中文名称", "Chinese name"),
    Field("name_en", "text", "英文名称", "English name"),
    Field("type", "text", "类型", "type"),
    Field("district", "text", "区划代码（GB/T 2260）", "code of the district (GB/T 2260)"),
    Field("address_zh", "text", "地址", "address"),
    Field("lat", "number", "纬度（WGS-84，度）", "latitude (WGS-84, degrees)", may_be_null=True),
    Field("lon", "number", "经度（WGS-84，度）", "longitude (WGS-84, degrees)", may_be_null=True),
    Field("timezone", "text", "时区", "time zone"),
    Field("phone", "text", "电话", "phone"),
    Field("fields_zh", "text", "业务领域（中文）", "fields of work (Chinese)"),
    Field("fields_en", "text", "业务领域（英文）", "fields of work (English)"),
    Field("zones", "list", "片区", "zones"),
    Field("clusters", "list", "产业集群", "industry clusters"),
    Field(
        "accreditations",
        "objects",
        "资质：kind、number、valid_from、valid_to",
        "accreditations: kind, number, valid_from, valid_to",
    ),
    Field("url", "text", "网页", "page"),
)
INSTRUMENTS = (
    Field("code", "text", "仪器编号", "code of the instrument"),
    Field("name_zh", "text", "中文名称", "Chinese name"),
    Field("name_en", "text", "英文名称", "English name"),
    Field("model", "text", "型号", "model"),
    Field("maker", "text", "制造商", "maker"),
    Field("category", "text", "分类代码", "code of the category"),
    Field("lab", "text", "实验室编号", "code of the laboratory"),
    Field("status", "text", "状态", "status"),
    Field("rental_mode", "text", "操作方式：self、assisted、both", "operated by: self, assisted, both"),
    Field("training_required", "boolean", "自行操作须有上机资格", "needs a qualification to be operated by oneself"),
    Field("capacity", "integer", "可同时使用数", "how many can be used at once"),
    Field("commissioned_year", "integer", "启用年份", "in use since (year)", may_be_null=True),
    Field("requires_calibration", "boolean", "须经校准方可预约", "must be calibrated to be booked"),
    Field("calibrated_until", "date", "校准有效期至", "calibrated until", may_be_null=True),
    Field(
        "base_rate_fen_per_hour",
        "integer",
        "基准租价（分/小时，含税）",
        "base rate (fen an hour, tax included)",
        may_be_null=True,
    ),
    Field(
        "parameters",
        "objects",
        "参数：name_zh、name_en、range、unit、accuracy",
        "parameters: name_zh, name_en, range, unit, accuracy",
    ),
    Field(
        "capabilities",
        "objects",
        "测量能力：quantity、low、high、unit、uncertainty",
        "capabilities: quantity, low, high, unit, uncertainty",
    ),
    Field("url", "text", "网页", "page"),
)
SERVICES = (
    Field("code", "text", "服务编号", "code of the service"),
    Field("kind", "text", "类型", "kind"),
    Field("name_zh", "text", "中文名称", "Chinese name"),
    Field("name_en", "text", "英文名称", "English name"),
    Field("lab", "text", "实验室编号", "code of the laboratory"),
    Field("standards", "list", "标准编号", "numbers of the standards"),
    Field("parameter_zh", "text", "参数（中文）", "parameter (Chinese)"),
    Field("parameter_en", "text", "参数（英文）", "parameter (English)"),
    Field("accredited", "list", "当日覆盖其全部标准的资质", "accreditations that cover all its standards that day"),
    Field("price_unit_zh", "text", "计价单位", "unit of the price"),
    Field("unit_price_fen", "integer", "单价（分，含税）", "unit price (fen, tax included)"),
    Field("tiers", "objects", "阶梯价：min_qty、price_bp（万分比）", "tiers: min_qty, price_bp (basis points)"),
    Field("min_qty", "integer", "起订数量", "least quantity"),
    Field("turnaround_workdays", "integer", "完成周期（工作日）", "turnaround (workdays)", may_be_null=True),
    Field(
        "urgent_options",
        "objects",
        "加急：workdays、surcharge_bp（万分比）",
        "urgent options: workdays, surcharge_bp (basis points)",
    ),
    Field("sample_requirement_zh", "text", "送样要求（中文）", "sample requirement (Chinese)"),
    Field("sample_requirement_en", "text", "送样要求（英文）", "sample requirement (English)"),
    Field("instruments", "list", "所用仪器编号", "codes of the instruments used"),
    Field("url", "text", "网页", "page"),
)
TABLES: dict[str, tuple[Field, ...]] = {"labs": LABS, "instruments": INSTRUMENTS, "services": SERVICES}


def schema(*, address: str, licence: str) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the whole file."""
    tables = {name: {"type": "array", "items": _table(fields)} for name, fields in TABLES.items()}
    head = {
        "schema": {"type": "string", "format": "uri"},
        "licence": {"const": licence},
        "licence_url": {"type": "string", "format": "uri"},
        "source": {"type": "string", "format": "uri"},
        "as_of": {"type": "string", "format": "date"},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": address,
        "title": "Gongheng open catalogue / 公衡开放目录",
        **_whole({**head, **tables}),
    }


def _table(fields: tuple[Field, ...]) -> dict[str, Any]:
    return _whole({field.name: field.as_schema() for field in fields})


def _whole(properties: dict[str, Any]) -> dict[str, Any]:
    """Return an object that has exactly these properties."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
