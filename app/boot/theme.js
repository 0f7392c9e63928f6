// Runs before the first paint, so that a dark screen does not flash white.
// The client writes the same keys; "system" and absence mean "as the system says".
{
  const root = document.documentElement;
  const allowed = { theme: ["light", "dark"], density: ["compact"] };
  for (const [name, values] of Object.entries(allowed)) {
    try {
      const value = localStorage.getItem(`besedka.${name}`);
      if (values.includes(value)) root.dataset[name] = value;
    } catch {
      // Storage is forbidden here (a frame, a private window): the system decides.
    }
  }
}
