/** A pure function of a value that never changes, which works its answer out once for each value and then knows it. */
export function byIdentity<K extends object, V>(make: (value: K) => V): (value: K) => V {
  const made = new WeakMap<K, { readonly answer: V }>();
  return (value) => {
    let known = made.get(value);
    if (!known) {
      known = { answer: make(value) };
      made.set(value, known);
    }
    return known.answer;
  };
}
