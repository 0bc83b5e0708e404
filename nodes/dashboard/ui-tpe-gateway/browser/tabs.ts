/** What the page of a gateway shows one at a time. The words of a tab are its name behind `tab-`. */
export const TABS = ['overview', 'network', 'storage', 'software', 'commands'] as const;
export type Tab = (typeof TABS)[number];
