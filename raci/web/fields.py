"""Form fields for text: one line, or several, with the rule of `raci.grid.text` in every form."""

from typing import Any

from django import forms

from raci.grid.text import NAME_LIMIT, TEXT_LIMIT, line, plain_line, prose


class LineField(forms.CharField):
    """One visible line. Control characters are refused with a sentence, not folded away. An empty one is refused with
    the field's own words, where it is given any."""

    def __init__(self, *, max_length: int = NAME_LIMIT, what: str = "name", **options: Any) -> None:
        super().__init__(strip=False, **options)
        self.limit, self.what = max_length, what
        self.when_empty = (options.get("error_messages") or {}).get("required", "")
        self.widget.attrs.setdefault("maxlength", str(max_length))

    def clean(self, value: Any) -> str:
        text = "" if value is None else str(value)
        if not self.required and not text.strip():
            return ""
        if self.when_empty and not text.strip():
            raise forms.ValidationError(self.when_empty, code="required")
        try:
            return self.checked(text)
        except ValueError as refusal:
            raise forms.ValidationError(str(refusal), code="line") from refusal

    def checked(self, text: str) -> str:
        """What is kept of it. Raises ValueError."""
        return line(text, limit=self.limit, what=self.what)


class PlainLineField(LineField):
    """The name of a person or a workspace: one line without a web address."""

    def checked(self, text: str) -> str:
        return plain_line(text, limit=self.limit, what=self.what)


class ProseField(forms.CharField):
    """Several lines, possibly none."""

    def __init__(self, *, max_length: int = TEXT_LIMIT, what: str = "text", rows: int = 3, **options: Any) -> None:
        options.setdefault("required", False)
        super().__init__(strip=False, widget=forms.Textarea(attrs={"rows": rows, "maxlength": max_length}), **options)
        self.limit, self.what = max_length, what

    def clean(self, value: Any) -> str:
        try:
            return prose("" if value is None else str(value), limit=self.limit, what=self.what)
        except ValueError as refusal:
            raise forms.ValidationError(str(refusal), code="prose") from refusal
