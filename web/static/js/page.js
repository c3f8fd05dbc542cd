// What the server wrote into the page: account, community, addresses, words.

const element = document.getElementById("page-data");

export const page = element ? JSON.parse(element.textContent) : {};

/** Whether the account may do a thing; the server decides again at every request. */
export function may(action) {
  return (page.may || []).includes(action);
}

/** An address of the server: the page's own one where it is given, else the standing one. */
export function url(name, standing) {
  return (page.urls || {})[name] || standing;
}
