"""Against abuse (5.2): spot-checks of what was used, and who belongs together."""

from datetime import datetime

from django.db import transaction
from django.utils.crypto import salted_hmac

from accounts.models import Membership, Organisation
from accounts.organisations.rules import check_uscc, normalised
from billing.vouchers import events, rules
from billing.vouchers.models import Affiliation, Controller, Programme, SpotCheck
from billing.vouchers.operations.refusals import (
    AffiliateFound,
    AffiliateIsSelf,
    AffiliateUnknown,
    CheckDecided,
    NothingToCheck,
    ReasonMissing,
)
from billing.vouchers.operations.steps import lock_programme
from kernel.events import announce
from kernel.locks import lock


@transaction.atomic
def draw_checks(*, programme: Programme, share_bp: int, by: Membership, now: datetime) -> list[SpotCheck]:
    """
    Draw by lot which used vouchers somebody looks at before they are claimed: a share (bp), at least one.

    What was drawn, claimed or reimbursed before is not drawn again. The seed that is kept repeats the draw.

    Raises:
        NothingToCheck: nothing is left to draw from.
        Busy: others held the programme for too long.
    """
    programme = lock_programme(programme.pk)
    uses = list(
        programme.redemptions.claimable().filter(check_made__isnull=True).order_by("pk").values_list("pk", flat=True)
    )
    if not uses:
        raise NothingToCheck
    seed = f"{programme.code} {now.isoformat(timespec='seconds')}"
    drawn = rules.drawn(uses, share_bp=share_bp, seed=seed)
    made = SpotCheck.objects.bulk_create(
        SpotCheck(redemption_id=pk, seed=seed, drawn_at=now, drawn_by=by.user) for pk in drawn
    )
    announce(
        events.SpotChecksDrawn(
            occurred_at=now,
            actor_id=by.user_id,
            organisation_id=by.organisation_id,
            programme_id=programme.pk,
            seed=seed,
            number=len(made),
        )
    )
    return made


@transaction.atomic
def decide_check(*, check: SpotCheck, passed: bool, note: str, by: Membership, now: datetime) -> SpotCheck:
    """
    Say what was found: what passes can be claimed, what fails is not.

    Raises:
        CheckDecided: somebody was faster.
        ReasonMissing: it fails, and nothing is said about why.
    """
    (found,) = lock(SpotCheck.objects.filter(pk=check.pk))
    if found.outcome != SpotCheck.Outcome.OPEN:
        raise CheckDecided
    if not passed and not note.strip():
        raise ReasonMissing
    found.outcome = SpotCheck.Outcome.PASSED if passed else SpotCheck.Outcome.FAILED
    found.note, found.checked_at, found.checked_by = note.strip(), now, by.user
    found.save(update_fields=["outcome", "note", "checked_at", "checked_by"])
    announce(
        events.SpotCheckDecided(
            occurred_at=now,
            actor_id=by.user_id,
            organisation_id=found.redemption.organisation_id,
            programme_id=found.redemption.programme_id,
            redemption_id=found.redemption_id,
            passed=passed,
            reason=found.note,
        )
    )
    return found


# --- Who belongs together ---------------------------------------------------------------------------------------------


@transaction.atomic
def declare_affiliate(
    *, organisation: Organisation, number: str, note: str, by: Membership, now: datetime
) -> Affiliation:
    """
    Say that an organisation is an affiliate of the one registered under a number; what stands already stays.

    The platform's operator finds it, anybody else declares it.

    Raises:
        AffiliateUnknown: nobody here is registered under that number.
        AffiliateIsSelf: it is the organisation's own.
    """
    other = Organisation.objects.filter(uscc=normalised(number)).first()
    other = other or Organisation.objects.filter(foreign_reg_no=number.strip()).exclude(foreign_reg_no="").first()
    if other is None:
        raise AffiliateUnknown
    if other.pk == organisation.pk:
        raise AffiliateIsSelf
    one, second = sorted((organisation.pk, other.pk))
    source = Affiliation.Source.FOUND if by.is_platform_operator else Affiliation.Source.DECLARED
    told = {"source": source, "note": note.strip(), "declared_at": now, "declared_by": by.user}
    made, is_new = Affiliation.objects.get_or_create(one_id=one, other_id=second, defaults=told)
    if is_new:
        announce(
            events.AffiliationDeclared(
                occurred_at=now,
                actor_id=by.user_id,
                organisation_id=organisation.pk,
                one_id=one,
                other_id=second,
                reason=made.note,
            )
        )
    return made


@transaction.atomic
def end_affiliation(*, affiliation: Affiliation, by: Membership, now: datetime) -> None:
    """
    Take an affiliation away that is over.

    Raises:
        AffiliateFound: the platform found it, and one of the two wants it gone.
    """
    if affiliation.source == Affiliation.Source.FOUND and not by.is_platform_operator:
        raise AffiliateFound
    one, other = affiliation.one_id, affiliation.other_id
    affiliation.delete()
    announce(
        events.AffiliationEnded(
            occurred_at=now, actor_id=by.user_id, organisation_id=by.organisation_id, one_id=one, other_id=other
        )
    )


@transaction.atomic
def declare_controller(
    *, organisation: Organisation, name: str, number: str, by: Membership, now: datetime
) -> Controller:
    """
    Say who controls an organisation; a new answer replaces the old one.

    A credit code is kept as it is; any other number (a person's identity card, say) only as what it hashes to:
    enough to know the same one again, and no more.
    """
    told = {
        "name": name.strip(),
        "number": controller_number(number),
        "declared_at": now,
        "declared_by": by.user,
    }
    made, _is_new = Controller.objects.update_or_create(organisation=organisation, defaults=told)
    announce(events.ControllerDeclared(occurred_at=now, actor_id=by.user_id, organisation_id=organisation.pk))
    return made


def controller_number(number: str) -> str:
    """Return the number of a controller as it is kept."""
    folded = normalised(number)
    if not check_uscc(folded):
        return folded
    return salted_hmac("vouchers.controller", folded, algorithm="sha256").hexdigest()[:40]
