/* Navigation */

let journeys = 0

// go shows another address of the same person without a full load. In the same
// conversation the messages stay, unless the address is for another part of it.
async function go(url, push = true, reload = false) {
  const journey = ++journeys
  source?.close() // later changes have not been seen here
  let answer, html
  try {
    answer = await fetch(url)
    html = await answer.text()
  } catch {
    if (journey === journeys) listen() // still here
    return note(unreachable)
  }
  if (journey !== journeys) return // the user has already gone elsewhere
  const fresh = $('#app', new DOMParser().parseFromString(html, 'text/html'))
  if (!answer.ok || fresh?.dataset.base !== app.dataset.base) return location.assign(url)
  const samePlace = fresh.dataset.channel === app.dataset.channel && !fresh.dataset.at && !reload
  keepDrafts()
  refresh($('#left'), prepare(document.adoptNode($('#left', fresh))))
  for (const id of samePlace ? ['right'] : ['middle', 'right']) {
    document.getElementById(id).replaceWith(prepare(document.adoptNode($('#' + id, fresh))))
  }
  // The parts that stay are as old as the last patch, and the new ones as old as
  // their fetch. Changes after the older of the two are still missing.
  const age = state => Number(state.split('-').at(-1))
  if (!samePlace || age(fresh.dataset.since) < age(since)) since = fresh.dataset.since
  for (const name of ['pane', 'channel', 'thread', 'opens']) app.dataset[name] = fresh.dataset[name]
  if (!samePlace) app.dataset.at = fresh.dataset.at
  if (push && url !== location.pathname + location.search) history.pushState(null, '', answer.url)
  arrive(samePlace)
}

// arrive updates everything that depends on the shown place.
function arrive(samePlace) {
  closePopup()
  restoreDrafts()
  if (!samePlace) learned = 0
  for (const scroller of $$('[data-follow]')) if (!samePlace || scroller.id !== 'scroll') watchScroll(scroller)
  if (app.dataset.opens && !samePlace) act('open', { tab: app.dataset.opens })
  if (app.dataset.at && !samePlace) seek()
  if (matchMedia('(min-width: 821px)').matches) ($('#reply textarea') ?? $('#compose textarea') ?? $('#middle')).focus({ preventScroll: true })
  listen()
  settle()
}

// seek scrolls to the requested message, in its thread and in the channel; for a reply, to its root there.
function seek() {
  const { at, thread } = app.dataset, byID = id => document.getElementById(id)
  for (const message of [byID('m' + at) ?? byID('m' + thread), byID('t' + at)]) {
    if (!message) continue
    const show = () => { message.scrollIntoView({ block: 'center' }); message.closest('[data-follow]').following = false }
    message.classList.add('sought')
    show()
    requestAnimationFrame(() => requestAnimationFrame(show)) // visible content has its final height by then
  }
}

/* Scrolling */

const following = scroller => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 40
const toEnd = scroller => { scroller.scrollTop = scroller.scrollHeight }
const sizes = new ResizeObserver(entries => {
  for (const { target } of entries) {
    const scroller = target.closest('[data-follow]')
    if (scroller?.following) toEnd(scroller)
  }
})

// Content gets its final height when it becomes visible.
document.addEventListener('contentvisibilityautostatechange', event => {
  const scroller = event.target.closest('[data-follow]')
  if (scroller?.following) toEnd(scroller)
}, true)

// watchScroll keeps a list at its end for as long as the user leaves it there.
function watchScroll(scroller) {
  scroller.following = true
  sizes.disconnect()
  for (const s of $$('[data-follow]')) for (const child of [s, ...s.children]) sizes.observe(child)
  const unread = $('.new', scroller)
  if (unread) unread.scrollIntoView({ block: 'center' })
  else toEnd(scroller)
  if (unread) scroller.following = following(scroller)
  let top = scroller.scrollTop
  scroller.onscroll = () => {
    // Content that becomes visible is larger than estimated. That is not scrolling by the user.
    if (following(scroller)) scroller.following = scroller.id !== 'scroll' || !unfinished()
    else if (scroller.scrollTop < top) scroller.following = false
    top = scroller.scrollTop
    if (scroller.id !== 'scroll') return
    if (scroller.following) $('#jump').hidden = true
    if (scroller.following && around) listen() // at the end now; the server records it as read
    if (scroller.scrollTop < 300) loadOlder()
    if (scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 300) loadNewer()
  }
}

function settle() {
  for (const scroller of $$('[data-follow]')) if (scroller.following) toEnd(scroller)
  for (const list of $$('.messages')) {
    const last = $$('.row', list).at(-1)
    if (last && !list.contains(document.activeElement)) rove(last)
  }
}

// rove makes the message the one in its list that the Tab key reaches.
function rove(row) {
  $$('.row[tabindex="0"]', row.closest('.messages')).forEach(other => { other.tabIndex = -1 })
  row.tabIndex = 0
}

// loadOlder inserts older messages without moving the visible ones.
async function loadOlder() {
  const button = $('#messages [data-older]'), scroller = $('#scroll')
  const older = button && await portion(button, button.dataset.older)
  if (!older) return
  const height = scroller.scrollHeight, top = scroller.scrollTop
  button.closest('.older').replaceWith(older)
  scroller.scrollTop = top + scroller.scrollHeight - height
}

// portion fetches the messages that a button stands for; nothing if they are
// already being fetched, or if the server cannot be reached.
async function portion(button, url) {
  if (button.disabled) return
  button.disabled = true
  const messages = await piece(url)
  button.disabled = false
  return button.isConnected && messages && prepare(messages)
}

// unfinished reports whether the conversation has newer messages that are not loaded.
const unfinished = () => Boolean($('#messages .newer'))

// latest shows the end of the conversation.
const latest = () => {
  const { base, channel, thread } = app.dataset
  return go(`${base}/c/${channel}${thread && `?thread=${thread}`}`, true, true)
}

// ahead notes a message in a part that is not loaded.
let waiting = false
function ahead() {
  waiting = true
  $('#jump').hidden = false
}

// loadNewer appends newer messages.
async function loadNewer() {
  const button = $('#messages [data-newer]')
  if (!button || button.disabled) return
  waiting = false
  const newer = await portion(button, button.dataset.newer)
  if (!newer) return
  button.closest('.newer').replaceWith(newer)
  if (waiting && !unfinished()) { // messages that arrived meanwhile may be missing
    $('#messages').append(more('newer', '~', `newer?after=${$$('#messages > .message').at(-1).dataset.ts}`, 'Newer messages'))
    loadNewer()
  }
}

// more is the button for messages that are not loaded.
function more(name, ts, path, label) {
  const item = parse(`<li class="${name}" data-ts="${ts}"><button type="button">${label}</button></li>`).firstChild
  item.firstChild.dataset[name] = `${app.dataset.base}/c/${app.dataset.channel}/${path}`
  return item
}

// trim removes messages far above while the user looks at the end.
const most = 500
function trim() {
  const messages = $('#messages'), log = $('#log')
  if (messages && $('#scroll').following && messages.children.length > most) {
    $$('#messages > li').slice(0, -most / 2).forEach(li => li.remove())
    messages.prepend(more('older', '0', `older?before=${$('#messages > .message').dataset.ts}`, 'Older messages'))
  }
  while (log?.children.length > most) log.firstElementChild.remove()
}
