// Starts the client. The build names both files in the page's preloads, hashed and with their integrity;
// importing and fetching the same addresses uses what is already on its way.
const boot = document.getElementById("boot");

try {
  const script = document.querySelector('link[rel="modulepreload"][href$=".js"]');
  const wasm = document.querySelector('link[rel="preload"][href$=".wasm"]');
  const { default: start } = await import(script.href);
  await start({ module_or_path: fetch(wasm.href, { integrity: wasm.integrity }) });
  boot.remove();
} catch (cause) {
  console.error(cause);
  boot.setAttribute("role", "alert");
  boot.replaceChildren(
    ...["Не удалось открыть Беседку. Сообщения целы: обновите страницу.", "Besedka could not be opened. Please reload the page."].map(
      (text, n) => Object.assign(document.createElement("p"), { textContent: text, lang: n ? "en" : "ru" }),
    ),
  );
}

if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("/sw.js").catch((cause) => console.warn("service worker:", cause.message));
}
