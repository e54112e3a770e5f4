// Times come in UTC. Here they become those of the reader's own zone, with UTC on hover.

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

localise(document);
document.addEventListener("htmx:load", ({ target }) => localise(target.parentNode ?? target));
