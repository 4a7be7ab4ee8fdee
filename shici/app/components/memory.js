// What the browser keeps for the next visit: shici/app/memory.py reads it when a session begins.
const YEAR = 31536000; // seconds

export function remember(name, value) {
  document.cookie = `shici_${name}=${encodeURIComponent(value)}; path=/; max-age=${YEAR}; SameSite=Lax`;
}
