/* Blocks: what an app put there */

const valueOf = element => {
  switch (element.tagName) {
    case 'SELECT': return [...element.selectedOptions].map(o => o.value).join(',')
    case 'FIELDSET': return $$('input:checked', element).map(i => i.value).join(',')
    case 'INPUT': return element.type === 'file' ? '' : element.value
    case 'TEXTAREA': return element.value
  }
  return element.dataset.value ?? ''
}

// operate tells the app that one of its elements was used, once the user has confirmed it.
async function operate(element) {
  if (element.dataset.confirm && !await confirmed(element)) {
    if (element.tagName === 'SELECT') element.value = element.settled
    return
  }
  const view = element.closest('[data-view]')?.dataset.view
  const button = element.tagName === 'BUTTON'
  if (button) element.classList.add('busy')
  element.setAttribute('aria-busy', 'true')
  const { actionId: action, blockId: block, type } = element.dataset
  const done = await act('click', { ...(view ? { view } : where(element)), action, block, type, value: valueOf(element) })
  element.classList.remove('busy')
  element.removeAttribute('aria-busy')
  if (element.tagName === 'SELECT') element.settled = element.value
  if (done && type === 'feedback_buttons') {
    for (const one of $$('[data-type="feedback_buttons"]', element.parentElement)) one.setAttribute('aria-pressed', one === element)
  }
}

// confirmed shows the dialog that stands after an element.
function confirmed(element) {
  let dialog = element.closest('.bk-overflow, fieldset') ?? element
  do dialog = dialog.nextElementSibling; while (dialog && dialog.tagName !== 'DIALOG')
  if (!dialog) return true
  dialog.returnValue = ''
  dialog.showModal()
  return new Promise(resolve => { dialog.onclose = () => resolve(dialog.returnValue === 'confirm') })
}

// isLive says whether an element acts at once, rather than when its modal is submitted.
const isLive = element => {
  const input = element.closest('.bk-input')
  return !input || input.dataset.dispatch === 'true'
}

/* Modals */

const stateful = 'select[data-action-id], fieldset[data-action-id], input[data-action-id], textarea[data-action-id]'
const covered = new Map() // modals that lie under others, by view
let beforeModal // what had the focus

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

// showErrors says at each input what the app found wrong with it.
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
  const button = $('[data-modal-submit]', modal), elements = $$(stateful, modal)
  if (!button || button.classList.contains('busy') || !elements.every(e => e.reportValidity())) return
  button.classList.add('busy')
  modal.dataset.errors = '' // it shows the same ones anew
  await act('submit', {
    view: modal.dataset.view,
    fields: elements.map(e => ({ action: e.dataset.actionId, type: e.dataset.type, value: valueOf(e) })),
  })
  button.classList.remove('busy')
}
