// The token of a screen comes behind the # of the address, which no browser sends, so no log has it. It is then kept by the browser for
// the next time that the screen is turned on.

const STORED_AS = `tpedm-wall-token ${location.pathname}`;

/** Takes the token out of the address and keeps it; otherwise returns the one that was kept. Null: none is known. */
export function takeToken(): string | null {
  const given = decoded(location.hash.slice(1)).trim();
  if (given === '') return stored();
  // What is on the screen must not be on a photo of it.
  history.replaceState(null, '', location.pathname + location.search);
  try {
    localStorage.setItem(STORED_AS, given);
  } catch {
    // Without storage it holds as long as the page is open.
  }
  return given;
}

/** Forgets a token that is good for nothing any more. */
export function forgetToken(): void {
  try {
    localStorage.removeItem(STORED_AS);
  } catch {
    // Then it was never kept.
  }
}

function stored(): string | null {
  try {
    return localStorage.getItem(STORED_AS);
  } catch {
    return null;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
