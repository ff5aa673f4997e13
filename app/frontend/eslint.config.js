// The rules that catch mistakes: names that do not exist, names that nobody uses, comparisons that surprise.
const browser = ['window', 'document', 'navigator', 'location', 'history', 'fetch', 'URL', 'URLSearchParams', 'console',
  'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'requestAnimationFrame', 'matchMedia', 'localStorage',
  'sessionStorage', 'AbortController', 'Event', 'CustomEvent', 'FormData', 'DOMParser', 'ResizeObserver', 'Intl',
  'HTMLElement', 'Option', 'performance', 'innerWidth', 'innerHeight', 'addEventListener', 'getComputedStyle', 'CSS'];
const node = ['process', 'console', 'URL', 'Buffer'];
const globals = (names) => Object.fromEntries(names.map((name) => [name, 'readonly']));
const rules = { 'no-undef': 'error', 'no-unused-vars': 'error', eqeqeq: 'error', 'prefer-const': 'error', 'no-var': 'error' };

export default [
  { files: ['src/**/*.js'], languageOptions: { ecmaVersion: 2024, sourceType: 'module', globals: globals(browser) }, rules },
  { files: ['*.mjs', '*.js'], languageOptions: { ecmaVersion: 2024, sourceType: 'module', globals: globals(node) }, rules },
];
