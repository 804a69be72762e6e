/* Messages from the server */

let source, since = app.dataset.since, drawer = '', around = ''

// listen follows the changes of what is shown. A hidden window does not, because
// browsers hold only six connections to a server. It catches up when it is visible.
function listen() {
  source?.close()
  if (document.hidden) return
  const { base, channel, thread, at } = app.dataset
  around = unfinished() ? at : ''
  source = new EventSource(`${base}/events?${new URLSearchParams({ channel, thread, at: around, drawer, since })}`)
  source.onopen = () => { $('#offline').hidden = true }
  source.onmessage = event => {
    since = event.lastEventId
    receive(JSON.parse(event.data))
  }
  source.onerror = () => {
    $('#offline').hidden = false
    if (source.readyState === EventSource.CLOSED) setTimeout(revive, 2000)
  }
}

// revive checks whether the shown page still exists.
async function revive() {
  try {
    (await fetch(location.href)).ok ? listen() : location.assign('/')
  } catch { setTimeout(revive, 2000) }
}

function receive(patches) {
  for (const patch of patches) {
    if (patch.title) document.title = patch.title
    if (patch.say) $('#say').textContent = patch.say
    if (patch.id === 'modal') showModal(parse(patch.html).firstElementChild)
    else if (patch.id) place(patch)
  }
  trim()
  settle()
}

// place puts an element in its position.
function place({ id, html, in: list }) {
  const old = document.getElementById(id)
  if (!html) return old?.remove()
  const fresh = prepare(parse(html).firstElementChild)
  if (old) refresh(old, fresh)
  else if (list) insert(document.getElementById(list), fresh)
}

// refresh updates an element and everything that depends on it.
function refresh(old, fresh) {
  const active = old.contains(document.activeElement) && document.activeElement
  renew(old, fresh)
  if (active && document.activeElement !== active) (active.isConnected ? active : alike(active, old))?.focus({ preventScroll: true })
  if (old.closest('#log')) filter(old)
}

// alike finds the element in fresh that replaces a removed one.
function alike(active, fresh) {
  const names = ['data-action-id', 'data-value', 'data-react', 'data-do', 'href'].filter(name => active.hasAttribute(name))
  const selector = active.id ? '#' + CSS.escape(active.id)
    : names.length ? names.map(name => `[${name}="${CSS.escape(active.getAttribute(name))}"]`).join('')
    : active.classList.contains('row') ? '.row' : null
  return selector && (fresh.matches(selector) ? fresh : $(selector, fresh) ?? $('.row', fresh))
}

// insert puts an element into a list that is sorted by data-ts.
function insert(list, fresh) {
  if (!list) return
  let next = null, before = list.lastElementChild
  while (before && before.dataset.ts > fresh.dataset.ts) [next, before] = [before, before.previousElementSibling]
  if (next && before?.classList.contains('older')) return // belongs to messages that are not loaded
  if (next?.classList.contains('newer')) return ahead() // so does this one
  list.insertBefore(fresh, next)
  if (list.id === 'log') filter(fresh)
  const scroller = list.closest('[data-follow]')
  if (!scroller) return
  if (fresh.classList.contains('own')) scroller.following = true
  else if (scroller.id === 'scroll' && !scroller.following) $('#jump').hidden = false
}

// freeText lets the user type the options that an app would offer in a menu.
function freeText(select) {
  const input = document.createElement('input')
  for (const { name, value } of select.attributes) if (name !== 'multiple') input.setAttribute(name, value)
  input.placeholder = select.options[0]?.text ?? ''
  input.value = [...select.selectedOptions].map(o => o.value).join(',')
  select.replaceWith(input)
}

// prepare adds what the server cannot know.
function prepare(root) {
  for (const select of $$('select[data-source]', root)) {
    if (select.dataset.source === 'external') { freeText(select); continue }
    const known = document.getElementById(`options-${select.dataset.source === 'users' ? 'users' : 'channels'}`)
    const chosen = new Set([...select.options].filter(o => o.value).map(o => o.value))
    select.append(...[...known.content.children].filter(o => !chosen.has(o.value)).map(o => o.cloneNode(true)))
  }
  // Radio buttons with the same name are one group in the whole page.
  for (const radio of $$('input[type="radio"]', root)) {
    const owner = '@' + (radio.closest('[id]')?.id ?? '')
    if (!radio.name.endsWith(owner)) radio.name += owner
  }
  for (const select of $$('select', root)) select.settled = select.value
  return root
}
