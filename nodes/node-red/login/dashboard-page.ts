import type { Request, Response } from 'express';

// The page of Dashboard 2 assumes that it is at `/dashboard` of its host: it goes there when a session has ended or the server was away for
// long, and it loads its icons from there. Behind a proxy, that path may belong to another page, or to none. It also goes to the page that is
// shown once more whenever it learns which pages there are, and it draws its menu before the widgets that keep it closed on a telephone.

/** Stands on the page until it is known whether its menu is open; a dashboard without the account widget never says so. */
const MENU_UNKNOWN = 'tpe-menu-unknown';
const MENU_UNKNOWN_MS = 5000;

/**
 * Runs before the page's own script, which is a module and waits for the whole page. The script removes the slash at the end of the
 * dashboard's address: without the slash the server answers, which may ask to sign in, and not the page's cache.
 */
const SCRIPT = `<script>
(() => {
  const base = new URL('./', location.href).href;
  // From its cache, the page of the dashboard is also at the address of the wall page without a slash.
  if (location.href.split(/[?#]/)[0] === base + 'wall') location.replace(base + 'wall/' + location.search + location.hash);
  const home = location.origin + '/dashboard';
  window.URL = new Proxy(URL, {
    construct: (made, [url, ...more], target) =>
      Reflect.construct(made, [url === home ? base.replace(/\\/$/, '') : url, ...more], target),
  });
  const { setAttribute } = HTMLLinkElement.prototype;
  HTMLLinkElement.prototype.setAttribute = function (name, value) {
    setAttribute.call(this, name, name === 'href' ? String(value).replace(/^\\/dashboard\\//, base) : value);
  };
  // An entry of its own in the history for the page that is shown would take a step from Back, and all from Forward.
  const { pushState } = history;
  history.pushState = function (state, title, url) {
    if (!url || new URL(url, location.href).href !== location.href) return pushState.call(this, state, title, url);
    const { back = null, position = 0 } = this.state ?? {};
    this.replaceState(Object.assign(state ?? {}, { back, position }), title, url);
  };
  const { classList } = document.documentElement;
  const isKnown = () => classList.remove('${MENU_UNKNOWN}');
  classList.add('${MENU_UNKNOWN}');
  for (const act of ['pointerdown', 'keydown']) addEventListener(act, isKnown, { once: true, capture: true });
  setTimeout(isKnown, ${MENU_UNKNOWN_MS});
})();
</script>
<style>
@media (max-width: 767px) {
  .${MENU_UNKNOWN} [data-el=nav-drawer] { display: none !important; }
  .${MENU_UNKNOWN} .v-main { padding-left: 0 !important; transition: none !important; }
}
</style>`;

const BEGIN = '<head>';
const seen = new WeakSet<Response>();

/** Adds the script to a page of the dashboard while it is sent, so that the page knows its own address. Other answers stay as they are. */
export function withOwnAddress(request: Request, response: Response): void {
  if (request.method !== 'GET' || !isPage(request.path) || seen.has(response)) return;
  // Dashboard 2 runs its middleware twice for a request.
  seen.add(response);
  // The script is not part of the file, so neither the file's date nor its ranges say anything about the page that is sent.
  for (const name of ['if-none-match', 'if-modified-since', 'range']) delete request.headers[name];
  const { write, end } = response;
  const first = (values: unknown[]): unknown[] => {
    Object.assign(response, { write, end });
    const [chunk, ...more] = values;
    return [isHtml(response) ? begun(response, chunk) : chunk, ...more];
  };
  Object.assign(response, {
    write: (...values: unknown[]) => write.apply(response, first(values) as Parameters<typeof write>),
    end: (...values: unknown[]) => end.apply(response, first(values) as Parameters<typeof end>),
  });
}

function isPage(path: string): boolean {
  return /\.html$/i.test(path) || !/\.\w+$/.test(path);
}

function isHtml(response: Response): boolean {
  return (
    !response.headersSent &&
    response.statusCode === 200 &&
    /^text\/html\b/i.test(String(response.getHeader('content-type')))
  );
}

function begun(response: Response, chunk: unknown): unknown {
  if (typeof chunk !== 'string' && !Buffer.isBuffer(chunk)) return chunk;
  const bytes = Buffer.from(chunk as string);
  const at = bytes.indexOf(BEGIN);
  if (at < 0) return chunk;
  for (const name of ['content-length', 'etag', 'last-modified', 'accept-ranges'])
    response.removeHeader(name);
  const end = at + BEGIN.length;
  return Buffer.concat([bytes.subarray(0, end), Buffer.from(`\n    ${SCRIPT}`), bytes.subarray(end)]);
}
