import { ref, watch } from 'vue';

export const SCHEMES = ['system', 'light', 'dark'] as const;
export type Scheme = (typeof SCHEMES)[number];

/** The part of Vuetify's theme that is used here. */
export interface VuetifyTheme {
  themes: { nrdb: { dark: boolean; colors: Record<string, string> } };
}

const STORED_AS = 'tpedm-colours';
const DARK: Record<string, string> = {
  background: '#10161b',
  surface: '#1a232b',
  'group-background': '#1a232b',
  'group-outline': '#33414d',
  'navigation-background': '#0b3030',
  primary: '#56bdb0',
  'on-primary': '#05211d',
};
const prefersDark = matchMedia('(prefers-color-scheme: dark)');
const systemIsDark = ref(prefersDark.matches);
prefersDark.addEventListener('change', ({ matches }) => {
  systemIsDark.value = matches;
});

/** The colour scheme that the person chose. `system` follows the browser. */
export const scheme = ref<Scheme>(stored());

/** Changes the colour scheme, and stores it in the browser for later visits. */
export function chooseScheme(chosen: Scheme): void {
  localStorage.setItem(STORED_AS, chosen);
  scheme.value = chosen;
}

/**
 * Keeps the dashboard in the chosen colour scheme: its own theme if light, our colours if dark. The dashboard sets the colours of its theme
 * again on each page, so this watches them. Returns a function that stops watching. Call it after mounting.
 */
export function keepScheme(theme: VuetifyTheme): () => void {
  const { nrdb } = theme.themes;
  const own = { ...nrdb.colors };
  const isOurs = () => nrdb.colors.background === DARK.background;

  const apply = () => {
    const isDark = scheme.value === 'dark' || (scheme.value === 'system' && systemIsDark.value);
    if (isDark === isOurs()) return;
    if (isDark) {
      for (const name of Object.keys(DARK)) own[name] = nrdb.colors[name] ?? own[name] ?? '';
      Object.assign(nrdb.colors, DARK);
    } else Object.assign(nrdb.colors, Object.fromEntries(Object.keys(DARK).map((name) => [name, own[name]])));
    nrdb.dark = isDark;
  };

  return watch([scheme, systemIsDark, () => nrdb.colors.background], apply, {
    immediate: true,
    flush: 'post',
  });
}

function stored(): Scheme {
  const text = localStorage.getItem(STORED_AS);
  return SCHEMES.find((one) => one === text) ?? 'system';
}
