// The page's words in the reader's language, and its numbers as they are written there.

export class Words {
  constructor(texts) {
    this.texts = texts;
    const language = document.documentElement.lang;
    const format = (digits) => new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
    this.formats = [format(0), format(1), format(2), format(3)];
    this.times = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  }

  // The text of a name with its {placeholders} filled in.
  t(name, values = {}) {
    return (this.texts[name] ?? name).replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all);
  }

  number(value, digits = 0) {
    return this.formats[digits].format(value);
  }

  // Square metres, and hectares beside them from one hectare on.
  area(m2) {
    const plain = `${this.number(m2, Math.abs(m2) < 100 ? 2 : 0)} m²`;
    return Math.abs(m2) < 10000 ? plain : `${plain} (${this.number(m2 / 10000, 2)} ha)`;
  }

  signed(m2) {
    const sign = m2 > 0 ? "+" : "−";
    return `${sign}${this.number(Math.abs(m2), Math.abs(m2) < 100 ? 2 : 0)} m²`;
  }

  length(metres) {
    return `${this.number(metres, metres < 100 ? 1 : 0)} m`;
  }

  time(iso) {
    return this.times.format(new Date(iso));
  }
}
