"""Sending mail, or not: by SMTP where the operator has set it up, nowhere otherwise, and into a list in tests.

Mails are sent by one thread of their own, so that an answer takes as long for an unknown address as for a known one.
"""

from __future__ import annotations

import smtplib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import unquote, urlsplit

import structlog
from flask import Flask, current_app

from app.config import Settings

_SECONDS = 20
_SUBMISSION_PORT = 587
_SMTPS_PORT = 465
log = structlog.get_logger()


class Mailer(Protocol):
    """Something that takes mails."""

    def send(self, to: str, subject: str, body: str) -> None:
        """Take one mail of plain text."""


class NoMail:
    """No mail server is set: whoever needs to tell somebody something must do it otherwise."""

    def send(self, to: str, subject: str, body: str) -> None:
        """Refuse; callers ask ``can_mail`` first."""
        raise RuntimeError("no mail server is set (RUANG_SMTP_URL, RUANG_MAIL_FROM, RUANG_PUBLIC_URL)")


@dataclass
class NullMail:
    """Keeps what would have been sent: (to, subject, body). For tests, as RUANG_SMTP_URL=null:."""

    outbox: list[tuple[str, str, str]] = field(default_factory=list)

    def send(self, to: str, subject: str, body: str) -> None:
        """Keep the mail."""
        self.outbox.append((to, subject, body))


class SmtpMail:
    """Sends by SMTP with STARTTLS (``smtp://user:password@host:587``) or TLS from the start (``smtps://``)."""

    def __init__(self, url: str, sender: str) -> None:
        self._url = urlsplit(url)
        self._sender = sender
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")

    def send(self, to: str, subject: str, body: str) -> None:
        """Hand the mail to the thread that sends; a failure is logged without the address."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, to, subject
        message.set_content(body)
        self._thread.submit(self._deliver, message)

    def _deliver(self, message: EmailMessage) -> None:
        try:
            with self._connect() as server:
                if self._url.username:
                    server.login(unquote(self._url.username), unquote(self._url.password or ""))
                server.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            log.error("a mail was not sent", reason=type(error).__name__)

    def _connect(self) -> smtplib.SMTP:
        host = self._url.hostname or "localhost"
        if self._url.scheme == "smtps":
            return smtplib.SMTP_SSL(host, self._url.port or _SMTPS_PORT, timeout=_SECONDS)
        server = smtplib.SMTP(host, self._url.port or _SUBMISSION_PORT, timeout=_SECONDS)
        if host not in ("localhost", "127.0.0.1"):
            server.starttls()
        return server


def init_app(app: Flask, settings: Settings) -> None:
    """Choose how this application sends."""
    app.extensions["ruang_mail"] = _mailer(settings)


def mailer() -> Mailer:
    """How the current application sends."""
    chosen: Mailer = current_app.extensions["ruang_mail"]
    return chosen


def _mailer(settings: Settings) -> Mailer:
    if not settings.can_mail or settings.smtp_url is None or settings.mail_from is None:
        return NoMail()
    url = settings.smtp_url.get_secret_value()
    return NullMail() if url.startswith("null:") else SmtpMail(url, settings.mail_from)
