"""The browser's sampler against shici.generation.sampler, on the same numbers. Run: pytest tests/test_app_sampler.py"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from playwright.sync_api import Browser, Page

from shici.app.components import bundle
from shici.checkpoint import LoadedModel
from shici.config.sample import SampleSettings
from shici.generation.runtime import cuts_of
from shici.generation.sampler import entropy, take_step
from tests.browser import watched
from tests.truth import ids_of

# temperature, top_k, top_p, min_p
CUTS = [
    (1.0, 0, 1.0, 0.0),
    (0.8, 200, 1.0, 0.0),
    (0.1, 200, 0.95, 0.0),
    (0.0, 200, 0.5, 0.2),
    (2.0, 0, 0.9, 0.0),
    (1.3, 7, 0.6, 0.0),
    (0.7, 1, 1.0, 0.0),
    (0.85, 0, 1.0, 0.05),
    (1.1, 100_000, 0.0, 0.0),
    (0.9, 300, 0.999999, 0.01),
]
THROWS = (0.0, 0.137, 0.5, 0.83, 1 - 2**-53)

COMPARE = """([logits, allowed, cuts, throws]) => {
    const numbers = Float32Array.from(logits), may = Uint8Array.from(allowed);
    const steps = throws.map((u) => takeStep(numbers, may, cuts, u));
    const plain = (values) => Array.from(values, (x) => (Number.isFinite(x) ? x : -1e30));
    const { scaled, probabilities, kept } = steps[0];
    const drawn = steps.map((step) => step.drawn);
    const all = { scaled: plain(scaled), probabilities: plain(probabilities), kept: plain(kept) };
    return { ...all, drawn, entropy: entropy(kept) };
}"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with watched(browser) as seen:
        seen.page.set_content("<p></p>")
        module = f"{bundle('sampler.js')}\nObject.assign(window, {{ takeStep, entropy }});"
        seen.page.add_script_tag(type="module", content=module)
        seen.page.wait_for_function("() => Boolean(window.takeStep)")
        yield seen.page


@pytest.fixture(scope="module")
def real(loaded: LoadedModel) -> tuple[torch.Tensor, torch.Tensor]:
    """The shipped model's logits after a line, and a mask as a form would make it: (1, V) each."""
    ids = ids_of(loaded, "床前明月光，")
    with torch.inference_mode():
        logits = loaded.model(torch.tensor([ids]))[0][:, -1].clone()
    allowed = torch.ones_like(logits, dtype=torch.bool)
    allowed[:, : loaded.vocabulary.control_count] = False
    allowed[:, ::7] = False
    return logits, allowed


@pytest.mark.parametrize(("temperature", "top_k", "top_p", "min_p"), CUTS)
def test_every_stage_is_the_same(
    page: Page,
    real: tuple[torch.Tensor, torch.Tensor],
    temperature: float,
    top_k: int,
    top_p: float,
    min_p: float,
) -> None:
    logits, allowed = real
    settings = SampleSettings(temperature=temperature, top_k=top_k, top_p=top_p, min_p=min_p)
    cuts = {"temperature": temperature, "topK": top_k, "topP": top_p, "minP": min_p}
    theirs = page.evaluate(COMPARE, [logits[0].tolist(), allowed[0].int().tolist(), cuts, list(THROWS)])
    steps = [
        take_step(logits, allowed, cuts_of(settings), torch.tensor([u], dtype=torch.float64)) for u in THROWS
    ]
    ours = steps[0]
    assert torch.equal(torch.tensor(theirs["scaled"])[allowed[0]], ours.scaled[0][allowed[0]])
    for name in ("probabilities", "kept"):
        torch.testing.assert_close(
            torch.tensor(theirs[name], dtype=torch.float64), getattr(ours, name)[0], atol=1e-12, rtol=1e-9
        )
    kept = torch.tensor(theirs["kept"]) > 0
    assert torch.equal(kept, ours.kept[0] > 0)
    assert theirs["drawn"] == [int(step.drawn[0]) for step in steps]
    assert theirs["entropy"] == pytest.approx(float(entropy(ours.kept)[0]), abs=1e-9)


def test_equal_candidates_are_kept_or_dropped_together(page: Page) -> None:
    logits = torch.tensor([[1.0, 3.0, 2.0, 2.0, 2.0, 0.0]])
    allowed = torch.ones(1, 6, dtype=torch.bool)
    cuts = {"temperature": 1, "topK": 2, "topP": 1, "minP": 0}
    theirs = page.evaluate(COMPARE, [logits[0].tolist(), [1] * 6, cuts, [0.5]])
    settings = SampleSettings(temperature=1.0, top_k=2)
    ours = take_step(logits, allowed, cuts_of(settings), torch.tensor([0.5], dtype=torch.float64))
    assert [p > 0 for p in theirs["kept"]] == [False, True, True, True, True, False]
    torch.testing.assert_close(torch.tensor(theirs["kept"], dtype=torch.float64), ours.kept[0])
