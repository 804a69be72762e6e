/* Blocks of apps */

// valuesOf returns the entered value of an element, or each selected one.
const valuesOf = element => {
  switch (element.tagName) {
    case 'SELECT': return [...element.selectedOptions].map(o => o.value).filter(Boolean)
    case 'FIELDSET': return $$('input:checked', element).map(i => i.value)
    case 'INPUT': case 'TEXTAREA': return enteredIn(element)
  }
  return [element.dataset.value ?? '']
}
const enteredIn = ({ type, value, dataset }) => {
  if (type === 'file' || !value) return []
  return dataset.type.startsWith('multi_') ? value.split(',').map(v => v.trim()).filter(Boolean) : [value]
}

// filesOf returns the files that were chosen in an element, with their content. A
// file has the same id for as long as it is chosen.
const fileIDs = new WeakMap()
const newFileID = () => 'F' + Array.from(crypto.getRandomValues(new Uint8Array(12)), b => (b % 36).toString(36)).join('').toUpperCase()
const filesOf = element => Promise.all([...element.files ?? []].map(async file => {
  if (!fileIDs.has(file)) fileIDs.set(file, newFileID())
  return { id: fileIDs.get(file), name: file.name, content: await inBase64(file) }
}))
const inBase64 = file => new Promise((resolve, reject) => {
  const reader = new FileReader()
  reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(',') + 1))
  reader.onerror = () => { note(`${file.name} cannot be read. Choose it again.`); reject(reader.error) }
  reader.readAsDataURL(file)
})

// tooLarge reports whether the chosen files are too large to send, and shows a note.
const sendable = 4 << 20 // bytes
function tooLarge(surface) {
  const sizes = $$('input[type="file"][data-action-id]', surface).flatMap(input => [...input.files].map(f => f.size))
  if (sizes.reduce((sum, size) => sum + size, 0) <= sendable) return false
  note('The files are larger than 4 MB in all.')
  return true
}

// fieldOf returns an element and its value.
async function fieldOf(element) {
  const { actionId: action, blockId: block, type } = element.dataset
  return { block, action, type, values: valuesOf(element), files: await filesOf(element) }
}

// stateOf returns the values of all elements of a message or view, except unchanged
// rich text: only the server has it as the app sent it.
const stateOf = surface => Promise.all($$(stateful, surface)
  .filter(e => e.dataset.type !== 'rich_text_input' || e.value !== e.defaultValue).map(fieldOf))

// surfaceOf returns the message or view of an element. lookOf returns the current
// values of the element and of all others in it.
const surfaceOf = element => element.closest('[data-view], .message')
const lookOf = element => Promise.all([fieldOf(element), stateOf(surfaceOf(element))])

// operate reports the use of an element to the app, after the user has confirmed it.
async function operate(element, look) {
  if (element.dataset.confirm && !await confirmed(element)) {
    if (element.tagName === 'SELECT') element.value = element.settled
    return
  }
  const surface = surfaceOf(element), { view } = surface.dataset, { type } = element.dataset
  const button = element.tagName === 'BUTTON'
  if (tooLarge(surface)) return
  if (button) element.classList.add('busy')
  element.setAttribute('aria-busy', 'true')
  let done
  try {
    const [field, state] = await (look ?? lookOf(element))
    done = await act('click', { ...(view ? { view } : where(element)), ...field, state })
  } finally {
    element.classList.remove('busy')
    element.removeAttribute('aria-busy')
  }
  if (element.tagName === 'SELECT') element.settled = element.value
  if (done && type === 'feedback_buttons') {
    for (const one of $$('[data-type="feedback_buttons"]', element.parentElement)) one.setAttribute('aria-pressed', one === element)
  }
}

// confirmed shows the confirmation dialog after an element.
function confirmed(element) {
  let dialog = element.closest('.bk-overflow, fieldset') ?? element
  do dialog = dialog.nextElementSibling; while (dialog && dialog.tagName !== 'DIALOG')
  if (!dialog) return true
  dialog.returnValue = ''
  dialog.showModal()
  return new Promise(resolve => { dialog.onclose = () => resolve(dialog.returnValue === 'confirm') })
}

// isLive reports whether an element acts immediately, not when its modal is submitted.
const isLive = element => {
  const input = element.closest('.bk-input')
  return !input || 'dispatch' in input.dataset
}

/* Modals */

const stateful = 'select[data-action-id], fieldset[data-action-id], input[data-action-id], textarea[data-action-id]'
const covered = new Map() // modals under others, by view
let beforeModal // the element that had the focus

function showModal(fresh) {
  const old = $('#modal'), { view, hash } = fresh.dataset
  if (!view) {
    covered.clear()
    old.replaceWith(fresh)
    if (old.dataset.view && beforeModal?.isConnected) beforeModal.focus()
    return
  }
  if (old.open && old.dataset.view === view) {
    const known = old.dataset.hash === hash && old.dataset.errors === fresh.dataset.errors
    if (old.dataset.hash !== hash) refresh(old, prepare(fresh))
    if (!old.contains(document.activeElement)) focusFirst(old)
    if (!known) showErrors(old, fresh)
    return
  }
  if (!old.open) beforeModal = document.activeElement
  else {
    covered.set(old.dataset.view, old)
    old.close()
  }
  const modal = covered.get(view) ?? prepare(fresh)
  covered.delete(view)
  if (modal.dataset.hash !== hash) renew(modal, prepare(fresh))
  old.replaceWith(modal)
  modal.showModal()
  modal.oncancel = event => { if (event.target === modal) { event.preventDefault(); act('close', { view }) } }
  focusFirst(modal)
  showErrors(modal, fresh)
}

function focusFirst(modal) {
  const first = $('.modal-body input, .modal-body textarea, .modal-body select', modal)
  ;(first ?? $('[data-modal-submit], [data-modal-close]', modal)).focus()
}

// showErrors shows the app's error at each input.
function showErrors(modal, { dataset }) {
  const errors = JSON.parse(dataset.errors) ?? {}
  modal.dataset.errors = dataset.errors
  $$('.field-error', modal).forEach(e => e.remove())
  $$('[aria-invalid]', modal).forEach(e => e.removeAttribute('aria-invalid'))
  for (const [block, text] of Object.entries(errors)) {
    const element = $(`[data-block-id="${CSS.escape(block)}"]`, modal)
    const message = Object.assign(document.createElement('div'), { className: 'field-error', textContent: text, id: `error-${block}` })
    element?.setAttribute('aria-invalid', 'true')
    element?.setAttribute('aria-describedby', message.id)
    ;(element?.closest('.bk-input') ?? $('.modal-body', modal)).append(message)
  }
  $('[aria-invalid]', modal)?.focus()
}

async function submit(modal) {
  const button = $('[data-modal-submit]', modal)
  if (!button || button.classList.contains('busy') || !$$(stateful, modal).every(e => e.reportValidity()) || tooLarge(modal)) return
  button.classList.add('busy')
  modal.dataset.errors = '' // so that the same errors are shown again
  try {
    await act('submit', { view: modal.dataset.view, fields: await stateOf(modal) })
  } finally {
    button.classList.remove('busy')
  }
}
