/* What the server sends */

let source, since = app.dataset.since, drawer = ''

// listen follows what changes in what is shown. A hidden window does not: browsers
// hold only six connections to a server, and it catches up when it is seen again.
function listen() {
  source?.close()
  if (document.hidden) return
  const { base, channel, thread } = app.dataset
  source = new EventSource(`${base}/events?${new URLSearchParams({ channel, thread, drawer, since })}`)
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

// revive looks whether what is shown still exists.
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

// place puts an element where it belongs.
function place({ id, html, in: list }) {
  const old = document.getElementById(id)
  if (!html) return old?.remove()
  const fresh = parse(html).firstElementChild
  if (old?.isEqualNode(fresh)) return
  if (old) replace(old, fresh)
  else if (list) insert(document.getElementById(list), fresh)
}

// replace swaps an element, and keeps what the user does with it: the focus, and
// what is unfolded.
function replace(old, fresh) {
  if ($('.editor', old)) return void (old.successor = fresh) // until it has been edited
  const active = old.contains(document.activeElement) && document.activeElement
  const tools = old.contains(toolbar)
  const unfolded = $$('details', old).map(d => d.open)
  const details = $$('.detail', old)
  old.replaceWith(prepare(fresh))
  $$('details', fresh).forEach((d, i) => { d.open = d.open || unfolded[i] })
  $$('.detail', fresh).forEach((d, i) => details[i]?.firstChild && d.replaceWith(details[i]))
  if (tools) showTools(fresh)
  if (active) (active.isConnected ? active : alike(active, fresh))?.focus({ preventScroll: true })
}

// alike finds in fresh what an element of its predecessor has become.
function alike(active, fresh) {
  const names = ['data-action-id', 'data-value', 'data-react', 'data-do', 'href'].filter(name => active.hasAttribute(name))
  const selector = active.id ? '#' + CSS.escape(active.id)
    : names.length ? names.map(name => `[${name}="${CSS.escape(active.getAttribute(name))}"]`).join('')
    : active.classList.contains('row') ? '.row' : null
  return selector && (fresh.matches(selector) ? fresh : $(selector, fresh) ?? $('.row', fresh))
}

// insert puts an element into a list that is in order of data-ts.
function insert(list, fresh) {
  if (!list) return
  let next = null, before = list.lastElementChild
  while (before && before.dataset.ts > fresh.dataset.ts) [next, before] = [before, before.previousElementSibling]
  if (next && before?.classList.contains('older')) return // belongs to what is not loaded
  list.insertBefore(prepare(fresh), next)
  if (list.id === 'log') filter(fresh)
  const scroller = list.closest('[data-follow]')
  if (!scroller) return
  if (fresh.classList.contains('own')) scroller.following = true
  else if (scroller.id === 'scroll' && !scroller.following) $('#jump').hidden = false
}

// freeText lets the user write what an app would offer in a menu.
function freeText(select) {
  const input = document.createElement('input')
  for (const { name, value } of select.attributes) if (name !== 'multiple') input.setAttribute(name, value)
  input.placeholder = select.options[0]?.text ?? ''
  input.value = [...select.selectedOptions].map(o => o.value).join(',')
  select.replaceWith(input)
}

// prepare completes what the server cannot know.
function prepare(root) {
  for (const select of $$('select[data-source]', root)) {
    if (select.dataset.source === 'external') { freeText(select); continue }
    const known = document.getElementById(`options-${select.dataset.source === 'users' ? 'users' : 'channels'}`)
    const chosen = new Set([...select.options].filter(o => o.value).map(o => o.value))
    select.append(...[...known.content.children].filter(o => !chosen.has(o.value)).map(o => o.cloneNode(true)))
  }
  // Radio buttons of equal names are one group in the whole page.
  const owner = root.closest?.('[id]')?.id ?? ''
  for (const radio of $$('input[type="radio"]', root)) radio.name += '@' + owner
  for (const select of $$('select', root)) select.settled = select.value
  return root
}
