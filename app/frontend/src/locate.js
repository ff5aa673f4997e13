// "Use my location": the browser's position, with the accuracy it states, which the answer takes into account.

const OPTIONS = { enableHighAccuracy: true, timeout: 15000, maximumAge: 30000 };
const MAX_ACCURACY_M = 500;

export function currentPosition() {
  return new Promise((resolve, reject) => {
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      resolve({ lon: coords.longitude, lat: coords.latitude, accuracy: Math.ceil(coords.accuracy) });
    }, reject, OPTIONS);
  });
}

export function enhanceLocate(form) {
  const button = form.querySelector("[data-locate]");
  if (!button || !("geolocation" in navigator)) return;
  const status = form.querySelector("[data-locate-status]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    status.textContent = button.dataset.waiting;
    button.disabled = true;
    try {
      const { lon, lat, accuracy } = await currentPosition();
      status.textContent = button.dataset.found.replace("{m}", accuracy);
      const query = new URLSearchParams({
        lon: lon.toFixed(7),
        lat: lat.toFixed(7),
        accuracy_m: String(Math.min(accuracy, MAX_ACCURACY_M)),
      });
      location.assign(`${form.dataset.answer}?${query}`);
    } catch {
      status.textContent = button.dataset.denied;
    } finally {
      button.disabled = false;
    }
  });
}
