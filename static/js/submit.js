// Forms that need no pressing: data-submit-now is sent as soon as the page stands.

document.querySelector("form[data-submit-now]")?.requestSubmit();
