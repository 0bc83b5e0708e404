import type { Request } from 'express';

/** The texts of the pages to sign in and out, in one language. */
export interface LoginWords {
  /** Language tag, BCP 47. */
  language: string;
  title: string;
  intro: string;
  user: string;
  password: string;
  signIn: string;
  signInWith(provider: string): string;
  signOut: string;
  signedInAs(user: string): string;
  wrong: string;
  tooLong: string;
  otherSite: string;
  /** `time` is a text from `timeIn`. */
  wait(time: string): string;
  noOtherWay: string;
  notStored: string;
}

const WORDS: readonly LoginWords[] = [
  {
    language: 'en',
    title: 'TPE device manager',
    intro: 'Sign in to monitor and manage your gateways.',
    user: 'Username',
    password: 'Password',
    signIn: 'Sign in',
    signInWith: (provider) => `Sign in with ${provider}`,
    signOut: 'Sign out',
    signedInAs: (user) => `You are signed in as ${user}.`,
    wrong: 'Wrong username or password.',
    tooLong: 'The username or password is too long.',
    otherSite: 'This form was sent from another site. Sign in here.',
    wait: (time) => `Too many attempts. Try again in ${time}.`,
    noOtherWay: 'No other sign-in method is available.',
    notStored: 'The session could not be saved. See the Node-RED log.',
  },
  {
    language: 'de',
    title: 'TPE-Gerätemanager',
    intro: 'Melden Sie sich an, um Ihre Gateways zu überwachen und zu verwalten.',
    user: 'Benutzername',
    password: 'Passwort',
    signIn: 'Anmelden',
    signInWith: (provider) => `Anmelden mit ${provider}`,
    signOut: 'Abmelden',
    signedInAs: (user) => `Sie sind als ${user} angemeldet.`,
    wrong: 'Benutzername oder Passwort ist falsch.',
    tooLong: 'Benutzername oder Passwort ist zu lang.',
    otherSite: 'Dieses Formular wurde von einer anderen Website gesendet. Melden Sie sich hier an.',
    wait: (time) => `Zu viele Versuche. Nächster Versuch möglich in: ${time}.`,
    noOtherWay: 'Keine andere Anmeldemethode verfügbar.',
    notStored: 'Die Sitzung konnte nicht gespeichert werden. Näheres steht im Protokoll von Node-RED.',
  },
  {
    language: 'ja',
    title: 'TPE デバイスマネージャー',
    intro: 'ゲートウェイの監視と管理を行うにはサインインしてください。',
    user: 'ユーザー名',
    password: 'パスワード',
    signIn: 'サインイン',
    signInWith: (provider) => `${provider} でサインイン`,
    signOut: 'サインアウト',
    signedInAs: (user) => `${user} としてサインインしています。`,
    wrong: 'ユーザー名またはパスワードが違います。',
    tooLong: 'ユーザー名またはパスワードが長すぎます。',
    otherSite: 'このフォームは別のサイトから送信されました。ここでサインインしてください。',
    wait: (time) => `試行回数が多すぎます。${time}後にもう一度お試しください。`,
    noOtherWay: '他のサインイン方法は利用できません。',
    notStored: 'セッションを保存できませんでした。Node-RED のログを確認してください。',
  },
  {
    language: 'zh-TW',
    title: 'TPE 裝置管理器',
    intro: '登入以監控並管理您的閘道器。',
    user: '使用者名稱',
    password: '密碼',
    signIn: '登入',
    signInWith: (provider) => `以 ${provider} 登入`,
    signOut: '登出',
    signedInAs: (user) => `您目前以 ${user} 登入。`,
    wrong: '使用者名稱或密碼錯誤。',
    tooLong: '使用者名稱或密碼過長。',
    otherSite: '此表單來自其他網站。請在此登入。',
    wait: (time) => `嘗試次數過多。請於 ${time}後再試。`,
    noOtherWay: '沒有其他可用的登入方式。',
    notStored: '無法儲存工作階段。請查看 Node-RED 日誌。',
  },
];
const [ENGLISH] = WORDS as [LoginWords];
/** Other tags by which browsers ask for traditional Chinese. */
const MEANT: Record<string, string> = { 'zh-Hant': 'zh-TW', 'zh-HK': 'zh-TW', 'zh-MO': 'zh-TW' };

/** The texts in the first of the browser's languages that is available, else in English. */
export function wordsFor(request: Request): LoginWords {
  const wanted = request.acceptsLanguages([...WORDS.map(({ language }) => language), ...Object.keys(MEANT)]);
  if (wanted === false) return ENGLISH;
  return WORDS.find(({ language }) => language === (MEANT[wanted] ?? wanted)) ?? ENGLISH;
}

/** Writes a duration in the language of the texts: in seconds up to 90 s, beyond that in minutes. */
export function timeIn({ language }: LoginWords, seconds: number): string {
  const [count, unit] = seconds <= 90 ? [seconds, 'second'] : [Math.ceil(seconds / 60), 'minute'];
  return new Intl.NumberFormat(language, { style: 'unit', unit: unit as string, unitDisplay: 'long' }).format(
    count as number,
  );
}
