// Which plan and version the map shows: chosen by version or by date.

export class Versions {
  constructor(settings, state) {
    this.plans = settings.plans.filter((plan) => plan.versions.length);
    this.today = settings.today;
    this.on = state.on;
    this.planChosen = this.plans.some((plan) => plan.code === state.plan && plan !== this.plans[0]);
    this.plan = this.plans.find((plan) => plan.code === state.plan) ?? this.plans[0] ?? null;
    this.version = this.at(this.on || this.today);
    // An address may name a day without a version: the newest is shown then, and the page says so.
    this.missing = Boolean(this.plan && !this.version);
    if (this.missing) {
      this.on = "";
      this.version = this.plan.versions[0];
    }
    this.onChange = () => {};
  }

  // The version of the plan that holds on a date (ISO), or null.
  at(date) {
    return (
      this.plan?.versions.find((version) => version.from <= date && (!version.to || date < version.to) && !version.withdrawn) ??
      null
    );
  }

  chooseVersion(planCode, versionId) {
    this.plan = this.plans.find((plan) => plan.code === planCode);
    this.planChosen = this.plan !== this.plans[0];
    this.version = this.plan.versions.find((version) => version.id === versionId);
    this.on = this.at(this.today) === this.version ? "" : this.version.from;
    this.onChange();
  }

  // False when no version holds on that date; the map then stays as it is.
  chooseDate(date) {
    const version = this.at(date || this.today);
    if (!version) return false;
    this.version = version;
    this.on = date === this.today ? "" : date;
    this.onChange();
    return true;
  }
}
