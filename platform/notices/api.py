"""What a member is told, and how they want to be mailed, for programs."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access
from accounts.models import Membership
from api.acting import Listing, acting
from notices import operations, preferring, queries
from notices.filters import NoticeFilter
from notices.kinds import Group, Mail
from notices.models import Notice

READ, WRITE = "notices:read", "notices:write"
A_NOTICE = {
    "id": 4711,
    "kind": "rental_confirmed",
    "group": "bookings",
    "text": "预约已确认：电子万能试验机，2026-11-25 周三 09:00–11:00 (UTC+8)。",
    "link": "/rentals/R20261124000042/",
    "about": "rental:42",
    "organisation": "ORG-S03",
    "is_urgent": False,
    "occurred_at": "2026-11-24T09:12:00+08:00",
    "read_at": None,
}
PREFERENCES = {
    "mail": {"bookings": "at_once", "waitlist": None, "organisation": "digest"},
    "digest_hour": 8,
    "quiet_from": 22,
    "quiet_until": 7,
    "timezone": "Asia/Shanghai",
}


class NoticeFields(serializers.Serializer[Notice]):
    """One notice, in the language asked for."""

    id = serializers.IntegerField()
    kind = serializers.CharField(help_text="What happened, for programs: `rental_confirmed`.")
    group = serializers.ChoiceField(
        choices=Group.choices, allow_null=True, help_text="What people choose mails for together."
    )
    text = serializers.CharField(source="sentence", help_text="What happened, for people.")
    link = serializers.CharField(help_text="The path of the page that shows it.")
    about = serializers.CharField(allow_blank=True, help_text="What it is about: `rental:12`.")
    organisation = serializers.CharField(
        source="organisation.code",
        allow_null=True,
        default=None,
        help_text="In whose name it was told; null: one's own.",
    )
    is_urgent = serializers.BooleanField()
    occurred_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)


class MarkedFields(serializers.Serializer[Any]):
    marked = serializers.IntegerField(help_text="How many were unread.")


class PreferencesFields(serializers.Serializer[queries.Wanted]):
    """When mail comes, on the clock of the person's zone; in the platform every notice stands always."""

    mail = serializers.DictField(
        child=serializers.ChoiceField(choices=Mail.choices, allow_null=True),
        help_text="By group; null is as the platform recommends. A PATCH leaves groups it does not name as they are.",
    )
    digest_hour = serializers.IntegerField(min_value=0, max_value=23, help_text="When the daily mail is sent.")
    quiet_from = serializers.IntegerField(
        min_value=0, max_value=23, allow_null=True, help_text="From then on only urgent mails are sent; null: no quiet."
    )
    quiet_until = serializers.IntegerField(min_value=0, max_value=23, allow_null=True)
    timezone = serializers.CharField(read_only=True, help_text="Whose clock it is: a part of the profile.")

    def to_representation(self, instance: queries.Wanted) -> dict[str, Any]:
        begin, end = instance.quiet or (None, None)
        return {
            "mail": {str(group): instance.mail.get(group) for group in Group},
            "digest_hour": instance.digest_hour,
            "quiet_from": begin,
            "quiet_until": end,
            "timezone": instance.user.timezone,
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Quiet hours have a beginning and an end, or neither."""
        given = {"quiet_from", "quiet_until"} & attrs.keys()
        if len(given) == 1 or (given and (attrs["quiet_from"] is None) != (attrs["quiet_until"] is None)):
            raise serializers.ValidationError({"quiet_until": "quiet_from and quiet_until come together."})
        return attrs


class Notices(Listing):
    """What the member is told: for themselves, and for the organisation acted for."""

    access = access.MEMBER
    scope = READ
    serializer_class = NoticeFields
    filterset_class = NoticeFilter
    queryset = Notice.objects.none()

    def seen(self, member: Membership) -> QuerySet[Any]:
        seen = Notice.objects.visible_to(member)
        return seen.select_related("organisation").order_by("-occurred_at", "-pk")

    @extend_schema(operation_id="notices", examples=[OpenApiExample("A notice", A_NOTICE, response_only=True)])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List notices, the newest first."""
        return super().get(request, *args, **kwargs)


class OneRead(APIView):
    """A notice that was read."""

    access = access.MEMBER
    scope = WRITE

    @extend_schema(
        operation_id="notice_read",
        request=None,
        responses=NoticeFields,
        examples=[OpenApiExample("Read", A_NOTICE | {"read_at": "2026-11-24T09:30:00+08:00"}, response_only=True)],
    )
    def post(self, request: Request, notice_id: int) -> Response:
        """Mark one notice as read; once it is, it stays as it was read first."""
        seen = Notice.objects.visible_to(acting(request)).select_related("organisation")
        notice = get_object_or_404(seen, pk=notice_id)
        operations.mark_read(notices=Notice.objects.filter(pk=notice.pk), now=timezone.now())
        notice.refresh_from_db(fields=["read_at"])
        return Response(NoticeFields(notice).data)


class AllRead(APIView):
    """All notices, read."""

    access = access.MEMBER
    scope = WRITE

    @extend_schema(
        operation_id="notices_read",
        request=None,
        responses=MarkedFields,
        examples=[OpenApiExample("Read", {"marked": 3}, response_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Mark all notices as read that the member sees."""
        seen = Notice.objects.visible_to(acting(request))
        return Response({"marked": operations.mark_read(notices=seen, now=timezone.now())})


class PreferencesOfPerson(APIView):
    """How the person wants to be mailed."""

    access = access.MEMBER
    scope = {"GET": READ, "PATCH": WRITE}

    @extend_schema(
        operation_id="notice_preferences",
        responses=PreferencesFields,
        examples=[OpenApiExample("Preferences", PREFERENCES, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        """Return when mail comes."""
        return Response(PreferencesFields(queries.wanted_by(acting(request).user)).data)

    @extend_schema(
        operation_id="choose_notice_preferences",
        request=PreferencesFields(partial=True),
        responses=PreferencesFields,
        examples=[
            OpenApiExample("Desk once a day", {"mail": {"desk": "digest"}, "digest_hour": 17}, request_only=True),
            OpenApiExample("No quiet hours", {"quiet_from": None, "quiet_until": None}, request_only=True),
        ],
    )
    def patch(self, request: Request) -> Response:
        """Change what is named; a group that does not exist is refused (422)."""
        user = acting(request).user
        asked = PreferencesFields(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        wanted, said = queries.wanted_by(user), asked.validated_data
        quiet = wanted.quiet
        if "quiet_from" in said:
            quiet = None if said["quiet_from"] is None else (said["quiet_from"], said["quiet_until"])
        after = preferring.choose(
            user=user,
            mail={group: way or preferring.RECOMMENDED for group, way in said.get("mail", {}).items()},
            digest_hour=said.get("digest_hour", wanted.digest_hour),
            quiet=quiet,
            now=timezone.now(),
        )
        return Response(PreferencesFields(after).data)
