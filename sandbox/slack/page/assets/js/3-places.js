/* Moving about */

let journeys = 0

// go shows another address of the same person without loading it anew. Of the
// same conversation what is shown stays, unless it asks for another part of it.
async function go(url, push = true, anew = false) {
  const journey = ++journeys
  source?.close() // what comes in from now on has not been seen here
  let answer, html
  try {
    answer = await fetch(url)
    html = await answer.text()
  } catch {
    if (journey === journeys) listen() // still here
    return note(unreachable)
  }
  if (journey !== journeys) return // to somewhere else meanwhile
  const fresh = $('#app', new DOMParser().parseFromString(html, 'text/html'))
  if (!answer.ok || fresh?.dataset.base !== app.dataset.base) return location.assign(url)
  const samePlace = fresh.dataset.channel === app.dataset.channel && !fresh.dataset.at && !anew
  keepDrafts()
  refresh($('#left'), prepare(document.adoptNode($('#left', fresh))))
  for (const id of samePlace ? ['right'] : ['middle', 'right']) {
    document.getElementById(id).replaceWith(prepare(document.adoptNode($('#' + id, fresh))))
  }
  // What stays is as old as the last patch, and what is new as old as its fetch:
  // what came after the older of the two is still to come.
  const age = state => Number(state.split('-').at(-1))
  if (!samePlace || age(fresh.dataset.since) < age(since)) since = fresh.dataset.since
  for (const name of ['pane', 'channel', 'thread', 'opens']) app.dataset[name] = fresh.dataset[name]
  if (!samePlace) app.dataset.at = fresh.dataset.at
  if (push && url !== location.pathname + location.search) history.pushState(null, '', answer.url)
  arrive(samePlace)
}

// arrive does what follows from showing a place.
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

// seek shows the message that is looked for, in its thread and in the channel; of a reply, its root there.
function seek() {
  const { at, thread } = app.dataset, byID = id => document.getElementById(id)
  for (const message of [byID('m' + at) ?? byID('m' + thread), byID('t' + at)]) {
    if (!message) continue
    const show = () => { message.scrollIntoView({ block: 'center' }); message.closest('[data-follow]').following = false }
    message.classList.add('sought')
    show()
    requestAnimationFrame(() => requestAnimationFrame(show)) // what came into sight has its true height by then
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

// What comes into sight grows to its true height.
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
    // What comes into sight is larger than was guessed, which is no scrolling away.
    if (following(scroller)) scroller.following = scroller.id !== 'scroll' || !unfinished()
    else if (scroller.scrollTop < top) scroller.following = false
    top = scroller.scrollTop
    if (scroller.id !== 'scroll') return
    if (scroller.following) $('#jump').hidden = true
    if (scroller.following && around) listen() // at the end now, and told to have read it
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

// rove makes the message the one of its list that the Tab key reaches.
function rove(row) {
  $$('.row[tabindex="0"]', row.closest('.messages')).forEach(other => { other.tabIndex = -1 })
  row.tabIndex = 0
}

// loadOlder puts what came before in front, and keeps what is seen where it is.
async function loadOlder() {
  const button = $('#messages [data-older]'), scroller = $('#scroll')
  const older = button && await portion(button, button.dataset.older)
  if (!older) return
  const height = scroller.scrollHeight, top = scroller.scrollTop
  button.closest('.older').replaceWith(older)
  scroller.scrollTop = top + scroller.scrollHeight - height
}

// portion fetches the messages that a button stands for; nothing if that is under
// way already, or if they are not to be had now.
async function portion(button, url) {
  if (button.disabled) return
  button.disabled = true
  const messages = await piece(url)
  button.disabled = false
  return button.isConnected && messages && prepare(messages)
}

// unfinished says whether the conversation goes on after what is shown of it.
const unfinished = () => Boolean($('#messages .newer'))

// latest shows the end of the conversation.
const latest = () => {
  const { base, channel, thread } = app.dataset
  return go(`${base}/c/${channel}${thread && `?thread=${thread}`}`, true, true)
}

// ahead notes a message that belongs to what is not loaded.
let waiting = false
function ahead() {
  waiting = true
  $('#jump').hidden = false
}

// loadNewer puts what came after at the end.
async function loadNewer() {
  const button = $('#messages [data-newer]')
  if (!button || button.disabled) return
  waiting = false
  const newer = await portion(button, button.dataset.newer)
  if (!newer) return
  button.closest('.newer').replaceWith(newer)
  if (waiting && !unfinished()) { // what came in meanwhile may be missing
    $('#messages').append(more('newer', '~', `newer?after=${$$('#messages > .message').at(-1).dataset.ts}`, 'Newer messages'))
    loadNewer()
  }
}

// more is the button for what is not loaded.
function more(name, ts, path, label) {
  const item = parse(`<li class="${name}" data-ts="${ts}"><button type="button">${label}</button></li>`).firstChild
  item.firstChild.dataset[name] = `${app.dataset.base}/c/${app.dataset.channel}/${path}`
  return item
}

// trim forgets what is far above while the user looks at the end.
const most = 500
function trim() {
  const messages = $('#messages'), log = $('#log')
  if (messages && $('#scroll').following && messages.children.length > most) {
    $$('#messages > li').slice(0, -most / 2).forEach(li => li.remove())
    messages.prepend(more('older', '0', `older?before=${$('#messages > .message').dataset.ts}`, 'Older messages'))
  }
  while (log?.children.length > most) log.firstElementChild.remove()
}
