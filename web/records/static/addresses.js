// Addresses of pages of forms and records; nothing of a person stands in one but ids.

/** Where a form is filled about a subject; `task` is the key of a task that it answers. */
export function fillAddress(form, { kind, id }, { task = null } = {}) {
  const query = new URLSearchParams({ subject: `${kind}:${id}`, ...(task ? { task } : {}) });
  return `/forms/${encodeURIComponent(form)}/fill?${query}`;
}

/** Where a record is filled again by its own form. */
export function correctAddress({ form, id, subject }) {
  const query = new URLSearchParams({ ...(subject.id ? { subject: `${subject.kind}:${subject.id}` } : {}), corrects: id });
  return `/forms/${encodeURIComponent(form)}/fill?${query}`;
}

/** The page of a record. */
export const recordAddress = (id) => `/records/${encodeURIComponent(id)}`;
