"""What the endpoints of rentals are shown with; tests send each of them."""

from typing import Any

from drf_spectacular.utils import OpenApiExample


def _example(name: str, value: dict[str, Any]) -> OpenApiExample:
    return OpenApiExample(name, value, request_only=True)


HOLD = _example(
    "Two hours with the lab's operator",
    {
        "instrument": "TH-001",
        "start": "2026-11-24T09:00:00+08:00",
        "end": "2026-11-24T11:00:00+08:00",
        "mode": "assisted",
        "purpose": "来料检验",
        "expected_total_fen": 60000,
    },
)
HOLD_ANY = _example(
    "Two hours on any of four hardness testers",
    {
        "group": "HV-4",
        "start": "2026-11-24T09:00:00+08:00",
        "end": "2026-11-24T11:00:00+08:00",
        "mode": "assisted",
    },
)
TRANSFER = _example("By bank transfer", {"pays_by": "transfer"})
USE_VOUCHER = _example("The voucher of a programme", {"programme": "VP-CX-2026"})
CANCEL = _example("With the fee that was seen", {"expected_fee_fen": 18000})
MOVE = _example(
    "A day later, at the price that was seen",
    {
        "start": "2026-11-25T09:00:00+08:00",
        "end": "2026-11-25T11:00:00+08:00",
        "expected_total_fen": 60000,
    },
)
MOVE_BY_LAB = _example(
    "Asking the customer",
    {"start": "2026-11-26T09:00:00+08:00", "end": "2026-11-26T11:00:00+08:00", "reason": "设备校准"},
)
HAND_OVER = _example("To a colleague", {"to": "li.na@example.com"})
APPROVE = _example("Sending an operator", {"operator": "OP-01"})
REASON = _example("With the reason", {"reason": "夹具不合适"})
OBJECTION = _example("With the reason", {"reason": "故障前的数据完整"})
CHECK_IN = _example("With the hour counter", {"counter": "1520.5"})
EXTEND = _example("An hour longer", {"until": "2026-11-24T12:00:00+08:00"})
CHECK_OUT = _example(
    "A complete usage record",
    {
        "condition": "good",
        "counter_end": "1523.5",
        "samples": 6,
        "conditions": "23 ℃，50 % RH",
        "consumables": [{"name": "垫片", "quantity": "2", "unit_price_fen": 500}],
        "data_files": [
            {"name": "run.csv", "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}
        ],
    },
)
CHECK_OUT_LATE = _example(
    "Written down after the customer had left",
    {
        "condition": "good",
        "ended_at": "2026-11-24T10:45:00+08:00",
        "correction": "客户已于 10:45 离开，系统登记较晚",
    },
)
FAULT = _example("Until the afternoon", {"fault": "主轴异响，已停机", "expected_back_at": "2026-11-24T15:00:00+08:00"})
REBOOK = _example(
    "The rest on Thursday",
    {
        "instrument": "TH-001",
        "start": "2026-11-26T09:00:00+08:00",
        "end": "2026-11-26T10:30:00+08:00",
    },
)
ABANDON = _example("Of no use", {"unusable": True})
