/** As `ref` of the field that a dialog asks for first: where a modal opens, its first field has the focus. */
export function takeFocus(element: HTMLElement | null): void {
  element?.focus();
}
