// How numbers are written.

/** Fixed digits, a real minus sign, −∞ for what the mask forbids. */
export function num(value, digits = 4) {
  if (value === -Infinity) return "−∞";
  if (!Number.isFinite(value)) return String(value);
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/** In a sum or product a negative number stands in parentheses. */
export function term(value, digits = 2) {
  return value < 0 ? `(${num(value, digits)})` : num(value, digits);
}

/** A share as a per cent, with the digits that small ones need. */
export function percent(share) {
  if (share === 0) return "0";
  const value = share * 100;
  if (value < 0.00005) return "<0.0001%";
  return `${value.toFixed(value >= 10 ? 1 : value >= 0.1 ? 2 : 4)}%`;
}

/** How far two numbers lie apart, as it is said: 0 or 3e-7. */
export function apart(one, other) {
  const distance = Math.abs(one - other);
  return distance === 0 ? "0" : distance.toExponential(0).replace("-", "−");
}
