// A job's page: its progress without loading the page again. What came of it is loaded when it has ended.
const PULSE_MS = 1500;

/** Watch the job that an element names by the address of its state. */
export function watchJob(element) {
  const state = element.querySelector("[data-job-state]");
  const bar = element.querySelector("[data-job-bar]");
  const share = element.querySelector("[data-job-share]");

  async function look() {
    let job;
    try {
      const answer = await fetch(element.dataset.job, { headers: { "Accept-Language": document.documentElement.lang } });
      if (!answer.ok) return location.reload();
      job = await answer.json();
    } catch {
      return setTimeout(look, 2 * PULSE_MS);
    }
    if (job.finished_at) return location.assign(job.state === "done" ? job.page : location.href);
    // Only what changed: a live region reads out whatever is written into it.
    if (job.step && !job.cancel_requested && state.textContent !== job.step) state.textContent = job.step;
    bar.value = job.progress;
    share.textContent = `${Math.round(job.progress * 100)} %`;
    return setTimeout(look, PULSE_MS);
  }

  setTimeout(look, PULSE_MS);
}
