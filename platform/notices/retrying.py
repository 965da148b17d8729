"""How long a mail server that is away is waited for."""

from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.jobs import Job

LONGEST_WAIT_SECONDS = 30 * 60
MOST_ATTEMPTS = 100


class Patient(BaseRetryStrategy):
    """
    Ask again after 10, 40 and 160 seconds, then 11 minutes, then each half hour: for two days, one hundred times.

    A server that is back after a night gets its mails within half an hour, and one that is away is not pressed.
    """

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Return when to try again, or None after two days."""
        del exception  # whatever went wrong
        if job.attempts >= MOST_ATTEMPTS:
            return None
        return RetryDecision(retry_in={"seconds": wait_seconds(job.attempts)})


def wait_seconds(attempts: int) -> int:
    """Return how long to wait when so many attempts were made before this one."""
    wait: int = 10 * 4 ** min(attempts, 10)
    return min(wait, LONGEST_WAIT_SECONDS)


PATIENT = Patient()
