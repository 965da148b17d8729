"""The jobs that committed transactions left behind, done here and now."""

from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob


def do_jobs(queue: str | None = None) -> list[str]:
    """Do the jobs that wait, the oldest first, each as the worker would: by its name, with its stored arguments."""
    app.perform_import_paths()
    done = []
    waiting = ProcrastinateJob.objects.filter(status="todo").order_by("pk")
    for job in waiting.filter(queue_name=queue) if queue else waiting:
        app.tasks[job.task_name].func(**job.args)
        done.append(job.task_name)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    return done
