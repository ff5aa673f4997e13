// Calls to the draft's API. An answer that is no success is an ApiError with the server's problem document;
// no answer at all is an ApiError with status 0.

export class ApiError extends Error {
  constructor(status, problem) {
    super(problem.detail ?? problem.title ?? String(status));
    this.status = status;
    this.problem = problem;
  }

  // Worth trying again later: no connection, an overloaded or restarting server.
  get isPassing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  get needsSignIn() {
    return this.status === 401 || this.status === 403;
  }
}

export class Api {
  // token: of the forms of this sign-in. page: an address whose HTML carries a fresh one.
  constructor(root, { token, page }) {
    this.root = root;
    this.token = token;
    this.page = page;
  }

  get(path) {
    return this.#call("GET", path);
  }

  async send(method, path, body) {
    try {
      return await this.#call(method, path, body);
    } catch (error) {
      // The token may have expired while the sign-in goes on: once more with a fresh one.
      if (error.status !== 400 || error.problem.field || !(await this.#renewToken())) throw error;
      return this.#call(method, path, body);
    }
  }

  async #call(method, path, body) {
    const headers = { "Accept-Language": document.documentElement.lang, Accept: "application/json" };
    if (method !== "GET") headers["X-CSRFToken"] = this.token;
    if (body) headers["Content-Type"] = "application/json";
    let response;
    try {
      response = await fetch(this.root + path, { method, headers, body: body && JSON.stringify(body), credentials: "same-origin" });
    } catch (error) {
      throw new ApiError(0, { detail: error.message });
    }
    const answer = await readJson(response);
    if (!response.ok) throw new ApiError(response.status, answer ?? {});
    return answer;
  }

  async #renewToken() {
    try {
      const response = await fetch(this.page, { credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const token = page.querySelector("[data-token]")?.dataset.token;
      if (!response.ok || !token || token === this.token) return false;
      this.token = token;
      return true;
    } catch {
      return false;
    }
  }
}

async function readJson(response) {
  try {
    return await response.json();
  } catch {
    return null;
  }
}
