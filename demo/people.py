"""The demo's districts, organisations and log-ins; loading twice changes nothing that people did meanwhile."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction

from accounts.models import District, Membership, Organisation, TaxpayerStatus, User
from accounts.organisations.operations import credit_code_refusals

PASSWORD = "gongheng-demo-2026"  # noqa: S105 -- printed for everybody who tries the demo
SINCE = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
TAXPAYER_SINCE = date(2020, 1, 1)
DISTRICTS, ORGANISATIONS = "districts.json", "organisations.json"


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody to try the demo as."""

    email: str
    name: str
    organisation: str
    role: str
    does_zh: str
    does_en: str


LOGINS = (
    Login("buyer@sme.example", "陈晓岚（示例）", "ORG-S03", "buyer", "中小企业采购：查找、预约、月结", "SME buyer"),
    Login(
        "buyer@sme.example", "陈晓岚（示例）", "ORG-B01", "viewer", "同一人在另一家企业只能查看", "the same, viewing"
    ),
    Login("owner@sme.example", "何国栋（示例）", "ORG-S03", "owner", "企业管理员：成员、资料、认证", "SME owner"),
    Login("viewer@sme.example", "罗敏（示例）", "ORG-S03", "viewer", "只能查看", "SME viewer"),
    Login("buyer@leather.example", "梁志强（示例）", "ORG-S04", "buyer", "另一家小企业的采购", "buyer elsewhere"),
    Login(
        "operator@lab.example", "周文静（示例）", "ORG-L04", "lab_operator", "实验室操作员：日程看板", "lab operator"
    ),
    Login("manager@lab.example", "吴建华（示例）", "ORG-L04", "lab_manager", "实验室负责人", "lab manager"),
    Login(
        "operator@metrology.example", "黄伟（示例）", "ORG-L06", "lab_operator", "计量中心操作员", "metrology operator"
    ),
    Login(
        "platform@gongheng.example", "平台运营（示例）", "ORG-P01", "owner", "平台运营：认证、后台", "platform operator"
    ),
    Login(
        "finance@gongheng.example", "平台财务（示例）", "ORG-P01", "finance", "平台财务：第二人复核", "platform finance"
    ),
    Login("city@gongheng.example", "市局（示例）", "ORG-G01", "viewer", "市级主管部门", "city administration"),
)
SUPERUSER = "platform@gongheng.example"
CREDIT_FEN = {"ORG-S03": 5_000_000, "ORG-B01": 50_000_000}
WAITING = "ORG-S05"
"""The organisation whose licence waits for the platform's operator."""
LICENCE = "licence-example.png"

ORGANISATION_FIELDS = (
    "name_zh",
    "name_en",
    "org_type",
    "uscc",
    "foreign_reg_no",
    "country",
    "size",
    "employees",
    "annual_revenue_fen",
    "industry",
    "invoice_title",
    "invoice_address",
    "invoice_phone",
    "bank_name",
    "bank_account",
    "roles",
    "email",
    "timezone",
)


class RecordWrongError(ValueError):
    """A record of the demo's data cannot be used; the message names file, record and field."""

    def __init__(self, file: str, record: str, field: str, why: str) -> None:
        super().__init__(f"{file}, {record}, {field}: {why}")


@transaction.atomic
def load(folder: Path) -> dict[str, int]:
    """
    Bring the demo's people into the database, and return how many of each there are in the data.

    What the data say is brought up to date; what people decide (verification, credit, passwords, memberships) is only
    set when it is new.

    Raises:
        RecordWrongError: a record cannot be used.
    """
    districts = list(_districts(folder))
    District.objects.bulk_create(
        districts, update_conflicts=True, unique_fields=["adcode"], update_fields=["name_zh", "name_en", "lat", "lon"]
    )
    records = _read(folder, ORGANISATIONS)
    known = {district.adcode for district in districts}
    organisations = [_organisation(record, known) for record in records]
    Organisation.objects.bulk_create(
        organisations,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=[*ORGANISATION_FIELDS, "district"],
    )
    by_code = Organisation.objects.in_bulk([each.code for each in organisations], field_name="code")
    TaxpayerStatus.objects.bulk_create([_taxpayer(record, by_code) for record in records], ignore_conflicts=True)
    _hand_in_licence(by_code.get(WAITING), folder)
    _logins(by_code)
    return {"districts": len(districts), "organisations": len(organisations), "log-ins": len(_people())}


def _read(folder: Path, file: str) -> list[dict[str, Any]]:
    try:
        records: list[dict[str, Any]] = json.loads((folder / file).read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError) as error:
        raise RecordWrongError(file, "the file", "all of it", str(error)) from error
    return records


def _districts(folder: Path) -> Iterator[District]:
    for record in _read(folder, DISTRICTS):
        district = District(**{field: record.get(field) for field in ("adcode", "name_zh", "name_en", "lat", "lon")})
        _cleaned(district, DISTRICTS, str(record.get("adcode", record)))
        yield district


def _organisation(record: dict[str, Any], districts: set[str]) -> Organisation:
    name = str(record.get("code", record))
    adcode = record.get("adcode")
    if adcode is not None and adcode not in districts:
        raise RecordWrongError(ORGANISATIONS, name, "adcode", f"there is no district {adcode}")
    if record.get("uscc") and (refusals := credit_code_refusals(record["uscc"])):
        raise RecordWrongError(ORGANISATIONS, name, "uscc", str(refusals[0]))
    told = {field: record[field] for field in ("code", *ORGANISATION_FIELDS) if record.get(field) is not None}
    organisation = Organisation(
        **told,
        district_id=adcode,
        verification=Organisation.Verification.VERIFIED,
        verified_at=SINCE,
        monthly_credit_fen=CREDIT_FEN.get(name, 0),
    )
    if name == WAITING:
        organisation.verification, organisation.verified_at = Organisation.Verification.UNVERIFIED, None
    _cleaned(organisation, ORGANISATIONS, name, but={"district"})
    return organisation


def _cleaned(row: Any, file: str, record: str, but: frozenset[str] | set[str] = frozenset()) -> None:
    """Check the fields of a row, and name the first that is wrong."""
    try:
        row.clean_fields(exclude=set(but))
    except ValidationError as error:
        field, whys = next(iter(error.message_dict.items()))
        raise RecordWrongError(file, record, field, " ".join(whys)) from error


def _taxpayer(record: dict[str, Any], by_code: dict[str, Organisation]) -> TaxpayerStatus:
    said = record.get("taxpayer_type") or ""
    status = TaxpayerStatus(organisation=by_code[record["code"]], taxpayer_type=said, valid_from=TAXPAYER_SINCE)
    _cleaned(status, ORGANISATIONS, record["code"], but={"organisation"})
    return status


def _hand_in_licence(organisation: Organisation | None, folder: Path) -> None:
    """Let one organisation wait for verification, unless someone has already decided about it."""
    picture = folder / LICENCE
    if organisation is None or organisation.submitted_at or not picture.exists():
        return
    organisation.licence_image.save(f"demo-{organisation.code}.png", ContentFile(picture.read_bytes()), save=False)
    organisation.verification = Organisation.Verification.SUBMITTED
    organisation.submitted_at = SINCE
    organisation.save(update_fields=["licence_image", "verification", "submitted_at"])


def _people() -> dict[str, Login]:
    return {login.email: login for login in LOGINS}


def _logins(by_code: dict[str, Organisation]) -> None:
    people = _people()
    known = set(User.objects.filter(email__in=people).values_list("email", flat=True))
    if new := [login for email, login in people.items() if email not in known]:
        password = make_password(PASSWORD)  # hashed once for all: hashing is slow on purpose
        User.objects.bulk_create(
            User(
                email=login.email,
                name=login.name,
                password=password,
                is_staff=login.email == SUPERUSER,
                is_superuser=login.email == SUPERUSER,
            )
            for login in new
        )
    users = User.objects.in_bulk(list(people), field_name="email")
    EmailAddress.objects.bulk_create(
        [EmailAddress(user=user, email=email, verified=True, primary=True) for email, user in users.items()],
        ignore_conflicts=True,
    )
    for login in LOGINS:
        if login.organisation not in by_code:
            raise RecordWrongError(ORGANISATIONS, login.organisation, "code", f"{login.email} belongs to it")
    Membership.objects.bulk_create(
        [
            Membership(
                user=users[login.email],
                organisation=by_code[login.organisation],
                role=login.role,
                created_at=SINCE,
            )
            for login in LOGINS
        ],
        ignore_conflicts=True,
    )
