// Times come in UTC. Here they become those of the reader's own zone, with UTC on hover, and
// <input data-local-label> is shown and typed in it; what is sent, and stands in the address, is UTC.

const language = document.documentElement.lang;
const options = {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
  timeZoneName: "short",
};
// British English has the order of the console's own words.
const locale = language === "en" ? "en-GB" : language;
const toTheMinute = new Intl.DateTimeFormat(locale, options);
const toTheSecond = new Intl.DateTimeFormat(locale, { ...options, second: "2-digit" });

const localise = (root) => {
  for (const time of root.querySelectorAll("time[datetime]:not([title])")) {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    const words = time.textContent;
    time.title = words;
    time.textContent = (/\d:\d\d:\d\d/.test(words) ? toTheSecond : toTheMinute).format(moment);
  }
};

// "2026-01-14T09:02" of a moment, in its own zone.
const typed = (moment) => new Date(moment - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

const localiseFields = (root) => {
  for (const field of root.querySelectorAll("input[data-local-label]")) {
    const [label] = field.labels;
    if (label.textContent === field.dataset.localLabel) continue; // what was typed since stays
    label.textContent = field.dataset.localLabel;
    const moment = new Date(`${field.defaultValue}Z`);
    if (Number.isNaN(moment.getTime())) continue;
    field.value = typed(moment);
    field.dataset.shown = field.value;
  }
};

document.addEventListener("formdata", ({ target, formData }) => {
  for (const field of target.querySelectorAll("input[data-local-label]")) {
    const moment = new Date(field.value);
    // What was not touched stays what it was: at the end of summer time an hour comes twice.
    if (field.value && field.value === field.dataset.shown) formData.set(field.name, field.defaultValue);
    else if (!Number.isNaN(moment.getTime())) formData.set(field.name, moment.toISOString().slice(0, 16));
  }
});

const begin = (root) => {
  localise(root);
  localiseFields(root);
};

begin(document);
document.addEventListener("htmx:load", ({ target }) => begin(target.parentNode ?? target));
