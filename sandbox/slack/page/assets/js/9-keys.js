/* Keys */

const steps = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, Home: -Infinity, End: Infinity }

// step moves the focus from one element of a list to another; it returns whether it did.
function step(event, all) {
  const at = all.indexOf(event.target), by = steps[event.key]
  if (at < 0 || by === undefined || event.altKey || event.ctrlKey || event.metaKey) return false
  all[Math.max(0, Math.min(at + by, all.length - 1))].focus()
  event.preventDefault()
  return true
}

// listOf returns the list around an element that the arrow keys move through.
function listOf(target) {
  const visible = (selector, root) => root ? $$(selector, root).filter(e => e.checkVisibility()) : []
  if (target.matches('.row')) return visible('.row', target.closest('.messages'))
  if (target.matches('.side-item')) return visible('.side-item', $('#sidebar'))
  if (target.matches('a, button')) return visible('a, button', target.closest('.menu-items, .bk-menu, .tools, .picked'))
  return []
}

// panes are the parts of the page that F6 moves through: the target of the focus in each, and its content.
const panes = [
  ['#sidebar [aria-current], #sidebar .side-item', '#left'],
  ['#messages .row[tabindex="0"]', '#messages'],
  ['#compose-text', '#compose'],
  ['#replies .row[tabindex="0"]', '#replies'],
  ['#reply-text', '#reply'],
  ['#drawer input, #drawer button', '#drawer'],
]

// nextPane moves the focus to the next pane, or to the one before.
function nextPane(backwards) {
  const open = panes.filter(([first]) => $(first)?.checkVisibility())
  const at = open.findIndex(([, pane]) => $(pane).contains(document.activeElement))
  const to = backwards ? (at < 0 ? open.length : at) - 1 : at + 1
  $(open.at(to % open.length)[0]).focus()
}

function composeKey(event, area) {
  if (completing?.area === area && completionKey(event)) return true
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault()
    area.form.requestSubmit()
    return true
  }
  if (event.key === 'ArrowUp' && !area.value && !area.closest('.editor')) {
    const list = area.closest('.thread') ? '#replies' : '#messages'
    openEditor($$(`${list} .own[data-raw]`).at(-1))
    event.preventDefault()
    return true
  }
  return false
}

// messageKey handles Slack's keys on a message.
function messageKey(event, message) {
  const keys = {
    t: () => openThread(message),
    e: () => openEditor(message),
    r: () => $('.tools [data-pick]', message)?.click(),
    Delete: () => message.classList.contains('own') && remove(message.dataset),
  }
  if (!keys[event.key] || event.metaKey || event.ctrlKey || event.altKey) return false
  keys[event.key]()
  event.preventDefault()
  return true
}

function escape(target) {
  const menu = $('details.menu[open], details.bk-overflow[open]'), editor = target.closest?.('.editor')
  if (popup) closePopup(true)
  else if (menu) { menu.open = false; $('summary', menu).focus() }
  else if (editor) closeEditor(editor.closest('.message'))
  else if ($('dialog[open]')) return
  else if (target.closest?.('#drawer')) closeDrawer()
  else if ($('#thread')) closeThread()
}

async function closeThread() {
  const root = app.dataset.thread
  await go($('#thread').dataset.close)
  ;($(`#m${CSS.escape(root)} .row`) ?? $('#compose textarea'))?.focus()
}

// unfold opens a menu with the arrow key in its direction.
function unfold(summary) {
  summary.parentElement.open = true
  $('a, button', summary.nextElementSibling)?.focus()
}

// enter handles Enter in a field of an app.
function enter(field) {
  if (field.closest('.bk-input[data-dispatch~="on_enter_pressed"]')) operate(field)
  else if (field.closest('#modal')) submit($('#modal'))
}

// keysOf returns an element's key bindings in addition to the browser's.
function keysOf(target) {
  if (target.matches('.picker input')) {
    const first = $('.picked button', popup)
    return { ArrowDown: () => first?.focus(), Enter: () => first?.click() }
  }
  if (target.matches('details > summary')) return { ArrowDown: () => unfold(target) }
  if (target.matches('.bk input[data-action-id]:not([type="file"])')) return { Enter: () => enter(target) }
  return {}
}

document.addEventListener('keydown', event => {
  const { target, key } = event
  if (target.matches('form.write textarea') && composeKey(event, target)) return
  if (key === 'Escape') return escape(target)
  if (target.matches('.row') && messageKey(event, target.closest('.message'))) return
  if (step(event, listOf(target))) return
  const handle = key === 'F6' ? () => nextPane(event.shiftKey) : keysOf(target)[key]
  if (!handle) return
  event.preventDefault()
  handle()
})

addEventListener('popstate', () => go(location.pathname + location.search, false, Boolean(app.dataset.at)))
addEventListener('pagehide', () => { keepDrafts(); source?.close() })
document.addEventListener('visibilitychange', () => document.hidden ? source?.close() : listen())

/* Start */

prepare(document)
if ($('#modal').dataset.view) showModal($('#modal').cloneNode(true))
arrive(false)
if (sessionStorage.getItem('drawer')) openDrawer(sessionStorage.getItem('drawer'))
