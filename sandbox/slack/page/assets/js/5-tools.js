/* Tools, menus, the emoji picker */

const toolbar = spare('spare-tools')
let popup, opener

function showTools(message) {
  const row = message && $('.row', message)
  if (row && !toolbar.contains(document.activeElement) && !popup && toolbar.parentElement !== row && !$('.editor', message)) row.append(toolbar)
}

// openPopup shows a popup next to the element that opened it.
function openPopup(node, from) {
  closePopup()
  ;[popup, opener] = [node, from]
  ;(from.closest('dialog') ?? document.body).append(node)
  const box = from.getBoundingClientRect(), { offsetWidth: width, offsetHeight: height } = node
  node.style.left = `${Math.max(8, Math.min(box.right - width, innerWidth - width - 8))}px`
  node.style.top = `${box.bottom + height + 4 < innerHeight ? box.bottom + 4 : Math.max(8, box.top - height - 4)}px`
  from.setAttribute('aria-expanded', 'true')
  $('button, input', node)?.focus()
}

function closePopup(refocus) {
  if (!popup) return
  popup.remove()
  opener.setAttribute('aria-expanded', 'false')
  if (refocus) opener.focus()
  popup = opener = null
}

function openMenu(from) {
  const message = from.closest('.message'), menu = spare('spare-menu')
  menu.message = message
  if (!message.dataset.raw) $('[data-edit]', menu).remove()
  if (!message.classList.contains('own')) $('[data-delete]', menu).remove()
  if (message.matches('.ephemeral, .tombstone')) $('[data-forward]', menu).remove()
  if (message.classList.contains('ephemeral')) $$('[data-shortcut]', menu).forEach(item => item.remove())
  openPopup(menu, from)
}

// openPicker lets the user find an emoji, and calls then with its name.
async function openPicker(from, then) {
  await learn()
  const picker = spare('spare-picker'), search = $('input', picker)
  picker.then = then
  search.oninput = () => $('.picked', picker).replaceChildren(...named(emoji, search.value.toLowerCase(), 64).map(li => {
    const name = li.dataset.insert.slice(1, -1), button = document.createElement('button')
    Object.assign(button, { type: 'button', title: li.dataset.insert, ariaLabel: name })
    button.dataset.emoji = name
    button.append($('.emoji', li).cloneNode(true))
    return button
  }))
  openPopup(picker, from)
  search.oninput()
}

// ask shows a dialog and returns the value of the button that closed it.
function ask(dialog) {
  document.body.append(dialog)
  dialog.showModal()
  return new Promise(resolve => {
    dialog.onclick = event => event.target.closest('button') && dialog.close(event.target.closest('button').value)
    dialog.onclose = () => { dialog.remove(); resolve(dialog.returnValue) }
  })
}

const where = element => {
  const message = element.closest('.message') ?? element.closest('.menu-items')?.message
  return { channel: message.dataset.channel, ts: message.dataset.ts }
}
