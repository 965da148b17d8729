from typing import Any

from django.core.management.base import BaseCommand

from demo.people import LOGINS, PASSWORD


class Command(BaseCommand):
    help = "Print who may log in to the demo, as what, with which password."

    def handle(self, *args: Any, **options: Any) -> None:
        seen: set[str] = set()
        for login in LOGINS:
            email = "" if login.email in seen else login.email
            seen.add(login.email)
            self.stdout.write(
                f"  {email:<28} {login.organisation:<8} {login.role:<13} {login.does_zh} / {login.does_en}"
            )
        self.stdout.write(f"  password of all: {PASSWORD}")
