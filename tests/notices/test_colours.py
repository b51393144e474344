"""The colours of mail, which loads no style sheet, are those of the product."""

import re
from pathlib import Path

from django.conf import settings

COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b")


def test_mail_has_no_colour_but_those_of_the_tokens():
    mail = (Path(settings.BASE_DIR) / "templates/notices/mail/base.html").read_text()
    tokens = (Path(settings.BASE_DIR) / "static/css/tokens.css").read_text()
    used = set(COLOUR.findall(mail))
    assert len(used) > 8
    assert used <= set(COLOUR.findall(tokens))
