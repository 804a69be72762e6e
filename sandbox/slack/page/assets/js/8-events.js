/* Events */

const clicks = {
  'a[data-go]': (link, event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return false
    link.closest('details')?.removeAttribute('open')
    go(link.getAttribute('href') || location.pathname, true, link.matches('.side-item') && unfinished())
  },
  '[data-pane-to]': button => { app.dataset.pane = button.dataset.paneTo; $('.side-item[aria-current]')?.focus() },
  '[data-drawer]': button => openDrawer(drawer === button.dataset.drawer ? '' : button.dataset.drawer),
  '[data-drawer-close]': () => closeDrawer(),
  '[data-fault]': button => { fault(button) },
  '[data-theme-switch]': () => {
    const dark = (document.documentElement.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark'
    document.documentElement.dataset.theme = dark ? 'light' : 'dark'
    document.cookie = `theme=${dark ? 'light' : 'dark'}; path=/; samesite=strict; max-age=31536000`
  },
  '[data-older]': () => loadOlder(),
  '[data-newer]': () => loadNewer(),
  '#jump': () => { unfinished() ? latest() : toEnd($('#scroll')) },
  '#completions li': li => choose(li),
  '[data-do]': button => {
    const { do: action, ...args } = button.dataset
    button.closest('details.menu')?.removeAttribute('open')
    act(action, args)
  },
  '[data-react], [data-quick]': button => { act('react', { ...where(button), emoji: button.dataset.react ?? button.dataset.quick }) },
  '[data-emoji]': button => {
    const { then } = button.closest('.picker')
    closePopup(true)
    then(button.dataset.emoji)
  },
  '.tools [data-pick]': button => { const at = where(button); openPicker(button, emoji => act('react', { ...at, emoji })) },
  '.write [data-pick]': button => {
    const area = button.closest('form').text
    openPicker(button, emoji => { area.setRangeText(`:${emoji}: `, area.selectionStart, area.selectionEnd, 'end'); area.focus(); ready(area.form) })
  },
  '[data-type="@"]': button => {
    const area = button.closest('form').text
    area.setRangeText(/(^|\s)$/.test(area.value.slice(0, area.selectionStart)) ? '@' : ' @', area.selectionStart, area.selectionEnd, 'end')
    area.focus()
    complete(area)
  },
  '[data-reply]': button => openThread(button.closest('.message')),
  '[data-more]': button => openMenu(button),
  '[data-dismiss]': button => { act('delete', where(button)) },
  '[data-edit]': button => { const { message } = button.closest('.menu-items'); closePopup(); openEditor(message) },
  '[data-cancel]': button => closeEditor(button.closest('.message')),
  '[data-delete]': button => { const at = where(button); closePopup(true); remove(at) },
  '[data-forward]': button => { const at = where(button); closePopup(true); forward(at) },
  '[data-attach]': button => { attach(button.form, button.dataset.attach) },
  '[data-discard]': button => { const { form } = button; form.cells = null; showFiles(form); form.text.focus() },
  '[data-json]': async button => {
    const { channel, ts } = where(button)
    closePopup(true)
    const dialog = spare('spare-json'), json = await piece(`${app.dataset.base}/c/${channel}/json/${ts}`)
    if (!json) return
    $('.modal-body', dialog).replaceChildren(json)
    ask(dialog)
  },
  '[data-shortcut]': button => { const at = where(button); closePopup(true); act('shortcut', { ...at, callback: button.dataset.shortcut }) },
  '[data-modal-close]': () => act('close', { view: $('#modal').dataset.view }),
  '[data-modal-submit]': () => submit($('#modal')),
  '.bk-confirm button[value]': button => { button.closest('dialog').close(button.value) },
  '.bk button[data-action-id], .bk a[data-action-id]': element => {
    operate(element)
    element.closest('details.bk-overflow')?.removeAttribute('open') // a container stays open
    return element.tagName !== 'A'
  },
  'a[href^="/u/"][href*="/archives/"]': (link, event) => { // a message's permalink
    if (event.metaKey || event.ctrlKey || event.shiftKey) return false
    go(link.getAttribute('href'))
  },
}

const openThread = message => go(`${app.dataset.base}/c/${message.dataset.channel}?thread=${message.dataset.thread || message.dataset.ts}`)
const closeDrawer = () => { const button = $(`[data-drawer="${drawer}"]`); openDrawer(''); button?.focus() }
async function remove(at) { if (await ask(spare('spare-confirm')) === 'yes') act('delete', at) }

document.addEventListener('click', event => {
  if (popup && !popup.contains(event.target) && !opener.contains(event.target)) closePopup()
  for (const menu of $$('details.menu[open], details.bk-overflow[open]')) if (!menu.contains(event.target)) menu.open = false
  if (!completions.hidden && !completions.contains(event.target) && event.target !== completing?.area) closeCompletions()
  for (const [selector, handle] of Object.entries(clicks)) {
    const element = event.target.closest(selector)
    if (!element) continue
    if (handle(element, event) !== false) event.preventDefault()
    return
  }
})
document.addEventListener('submit', event => {
  const form = event.target
  event.preventDefault()
  form.classList.contains('editor') ? save(form) : send(form)
})
let reported = Promise.resolve() // reports of typing, in order
document.addEventListener('input', event => {
  const { target } = event
  if (target.matches('form.write textarea')) { ready(target.form); complete(target) }
  if (target.closest('.drawer-head')) $$('#log > li').forEach(filter)
  if (target.matches('.bk-input[data-dispatch~="on_character_entered"] [data-action-id]')) {
    const look = lookOf(target)
    reported = reported.then(() => target.isConnected && operate(target, look)).catch(() => {}) // the error has been shown
  }
})
document.addEventListener('change', event => {
  const { target } = event
  if (target.matches('form[data-compose] input[type="file"]')) showFiles(target.form)
  const element = target.closest('.bk fieldset[data-action-id]') ?? target.closest('.bk [data-action-id]')
  if (element && element.tagName !== 'BUTTON' && isLive(element) && !element.matches('input, textarea')) operate(element)
  else if (element?.matches('input[type="date"], input[type="time"], input[type="datetime-local"], input[data-source="external"]') && isLive(element)) operate(element)
})
document.addEventListener('paste', event => {
  const { target } = event, cells = target.matches('form[data-compose] textarea') && pastedCells(event.clipboardData)
  if (!cells) return
  event.preventDefault()
  target.form.cells = cells
  showFiles(target.form)
})
for (const kind of ['pointerover', 'focusin']) {
  document.addEventListener(kind, event => {
    const message = event.target.closest?.('.message')
    if (message) showTools(message)
    if (kind === 'focusin' && event.target.matches?.('.row')) rove(event.target)
    if (kind === 'focusin' && event.target.matches?.('form.write textarea')) learn()
  })
}
document.addEventListener('toggle', async event => {
  const details = event.target, box = $('.detail', details)
  if (!details.dataset?.detail || !details.open || box.firstChild) return
  const detail = await piece(details.dataset.detail)
  if (detail === undefined) return details.open = false
  box.replaceChildren(detail ?? 'No longer remembered.')
  box.removeAttribute('aria-busy')
}, true)
