"""The four questions as pages, for members and guests alike: three descriptions in an order of the respondent's own.

Nothing on a page names the cultures: its choices are 1, 2 and 3, and only the server knows which is which.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from culture.entries import Function
from culture.models import Assessment, Statement
from culture.scoring import Choice
from raci.screens.asked import posted

NONE = "none"
LETTERS = {"1": "A", "2": "B", "3": "C"}
_SENTENCE_END = re.compile(r"(?<=[.!?]) (?=\S)")


@dataclass(frozen=True, slots=True)
class Sitting:
    """Somebody in front of the questions. `seed` is theirs alone and stays, so that each order does.

    `url` is where a question is asked, `later` where one rests, `done` what follows the last question.
    """

    assessment: Assessment
    seed: str
    chosen: Mapping[Function, Choice]
    keep: Callable[[Function, Choice], None]
    url: Callable[[Function], str]
    later: str
    done: str


@dataclass(frozen=True, slots=True)
class Option:
    """One description: what the form sends for it, the letter people see, and its sentences."""

    value: str
    letter: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One question in the list of the four."""

    number: int
    function: Function
    url: str
    is_done: bool
    is_current: bool


class QuestionForm(forms.Form):
    """What fits best, and perhaps what fits as well. Beside none, or twice the same, there is no second."""

    first = forms.ChoiceField(
        choices=[*LETTERS.items(), (NONE, "None of these fits")],
        error_messages={
            "required": "Choose the one that is most like you, or “None of these fits”.",
            "invalid_choice": "That is none of the choices. Choose one of them.",
        },
    )
    second = forms.ChoiceField(
        choices=[("", "No other"), *LETTERS.items()],
        required=False,
        error_messages={"invalid_choice": "That is none of the choices. Choose one of them, or “No other”."},
    )

    def choice(self, order: tuple[str, ...]) -> Choice:
        """The answer as cultures; `order` holds their keys as the page showed them."""
        first, second = self.cleaned_data["first"], self.cleaned_data["second"]
        if first == NONE:
            return Choice(None)
        return Choice(order[int(first) - 1], order[int(second) - 1] if second and second != first else None)


def ask(request: HttpRequest, sitting: Sitting, key: str, template: str, **more: Any) -> HttpResponse:
    """One question: shown, or answered and followed by the next. `key` is its function's."""
    function = _function(key)
    texts = dict(Statement.objects.filter(function=function).values_list("culture__key", "text"))
    order = shuffled(sitting.seed, function, texts)
    form = QuestionForm(posted(request), initial=_initial(sitting.chosen.get(function), order))
    back = _before(sitting, function) if request.POST.get("go") == "back" else ""
    if request.method == "POST" and form.is_valid():
        following = next_question(sitting.chosen, function)
        sitting.keep(function, form.choice(order))
        return redirect(back or (sitting.url(following) if following else sitting.done))
    if back and not request.POST.get("first"):  # nothing is chosen yet, so nothing is lost
        return redirect(back)
    context = {
        "assessment": sitting.assessment,
        "function": function,
        "number": list(Function).index(function) + 1,
        "form": form,
        "options": [Option(value, LETTERS[value], sentences(texts[order[int(value) - 1]])) for value in LETTERS],
        "steps": _steps(sitting, function),
        "before": _before(sitting, function),
        "following": next_question(sitting.chosen, function),
        "is_complete": len(sitting.chosen) == len(Function),
        "given": len(sitting.chosen),
        "later": sitting.later,
        **more,
    }
    return render(request, template, context, status=422 if form.errors else 200)


def shuffled(seed: str, function: Function, cultures: Mapping[str, str]) -> tuple[str, ...]:
    """The cultures in an order that is the same for one respondent and function each time, and like chance for all."""
    return tuple(sorted(cultures, key=lambda key: hashlib.sha256(f"{seed}:{function}:{key}".encode()).digest()))


def sentences(text: str) -> tuple[str, ...]:
    """A paragraph as its sentences, each to stand on a line of its own."""
    return tuple(_SENTENCE_END.split(text))


def next_question(chosen: Mapping[Function, Choice], answered: Function) -> Function | None:
    """What to ask after `answered`: the one below, after the last one that was skipped, None where all are given.

    Whoever had given all four before has changed one, and is through.
    """
    if len(chosen) == len(Function):
        return None
    functions = list(Function)
    below = functions[functions.index(answered) + 1 :]
    open_ones = [function for function in functions if function not in chosen and function is not answered]
    return below[0] if below and open_ones else next(iter(open_ones), None)


def first_open(chosen: Mapping[Function, Choice]) -> Function:
    """Where somebody goes on: the first question without an answer, the first of all where each has one."""
    return next((function for function in Function if function not in chosen), next(iter(Function)))


def _function(key: str) -> Function:
    try:
        return Function(key)
    except ValueError as error:
        raise Http404 from error


def _initial(choice: Choice | None, order: tuple[str, ...]) -> dict[str, str]:
    """An answer given before, as the form sends it."""
    if choice is None:
        return {"second": ""}
    if choice.first is None:
        return {"first": NONE, "second": ""}
    second = str(order.index(choice.second) + 1) if choice.second else ""
    return {"first": str(order.index(choice.first) + 1), "second": second}


def _steps(sitting: Sitting, current: Function) -> list[Step]:
    return [
        Step(number, function, sitting.url(function), function in sitting.chosen, function is current)
        for number, function in enumerate(Function, start=1)
    ]


def _before(sitting: Sitting, function: Function) -> str:
    """The question above, "" before the first."""
    functions = list(Function)
    at = functions.index(function)
    return sitting.url(functions[at - 1]) if at else ""
