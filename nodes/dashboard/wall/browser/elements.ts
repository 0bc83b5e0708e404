import type { Tone } from './whole.js';

const SVG = 'http://www.w3.org/2000/svg';

/** Makes an element with a class and what is in it. Text never becomes HTML. */
export function element(name: string, kind: string, ...content: (Node | string)[]): HTMLElement {
  const made = document.createElement(name);
  if (kind !== '') made.className = kind;
  made.append(...content);
  return made;
}

/** Makes an element of a drawing. */
export function drawn(name: string, attributes: Record<string, string>, ...content: Node[]): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...content);
  return made;
}

/** A shape and a sign in it for each tone, since not everybody tells the colours apart. */
const SIGNS: Record<Tone, { shape: string; sign: string }> = {
  good: { shape: 'M12 1a11 11 0 1 0 0 22 11 11 0 0 0 0-22z', sign: 'M6.5 12.5l3.8 3.8 7.2-8' },
  quiet: { shape: 'M12 1a11 11 0 1 0 0 22 11 11 0 0 0 0-22z', sign: 'M12 6.5v.6M12 10.5v7' },
  warning: { shape: 'M12 1.5L23.5 22H.5z', sign: 'M12 9v6M12 18.4v.2' },
  critical: { shape: 'M7.5 1h9L23 7.5v9L16.5 23h-9L1 16.5v-9z', sign: 'M8 8l8 8M16 8l-8 8' },
  unknown: { shape: 'M2 2h20v20H2z', sign: 'M8.8 9.4a3.3 3.3 0 1 1 4.8 2.9c-1.1.6-1.6 1.2-1.6 2.4M12 18v.2' },
};

/** The sign of a tone. It says nothing to who cannot see it, so words stand beside it. */
export function sign(tone: Tone): SVGElement {
  const { shape, sign } = SIGNS[tone];
  return drawn(
    'svg',
    { viewBox: '0 0 24 24', class: `sign ${tone}`, 'aria-hidden': 'true' },
    drawn('path', { d: shape, class: 'shape' }),
    drawn('path', { d: sign, class: 'mark' }),
  );
}
