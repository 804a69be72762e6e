package blocks

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

// marked returns blocks as text in which <b>, <i> and <s> mark the styles.
func marked(blocks []block) string {
	var out strings.Builder
	for _, b := range blocks {
		switch b := b.(type) {
		case paragraph:
			for _, s := range b.text {
				text := s.text
				for _, m := range []struct {
					style style
					name  string
				}{{monospace, "`"}, {strike, "s"}, {italic, "i"}, {bold, "b"}} {
					switch {
					case s.style.has(m.style) && m.name == "`":
						text = "`" + text + "`"
					case s.style.has(m.style):
						text = "<" + m.name + ">" + text + "</" + m.name + ">"
					}
				}
				out.WriteString(text)
			}
		case list:
			for _, it := range b.items {
				out.WriteString(marked(it.blocks))
			}
		case heading:
			out.WriteString(marked([]block{paragraph{b.text}}))
		}
	}
	return out.String()
}

// Ensure that emphasis is found next to East Asian characters and punctuation,
// and that stars and underscores of other texts stay.
func TestEmphasis(t *testing.T) {
	for text, want := range map[string]string{
		// Punctuation inside, East Asian text outside.
		"**注意：**请先备份":         "<b>注意：</b>请先备份",
		"请看**“设置”**页面":        "请看<b>“设置”</b>页面",
		"これは**重要。**です":        "これは<b>重要。</b>です",
		"これは**重要です！**次へ":      "これは<b>重要です！</b>次へ",
		"**（必須）**を入力":         "<b>（必須）</b>を入力",
		"**「設定」**を開く":         "<b>「設定」</b>を開く",
		"**[設定]**を開く":         "<b>[設定]</b>を開く",
		"开始**(可选)**步骤":        "开始<b>(可选)</b>步骤",
		"한국어**(괄호)**입니다":      "한국어<b>(괄호)</b>입니다",
		"비밀번호**(필수)**를 입력":    "비밀번호<b>(필수)</b>를 입력",
		"**\"예\"**를 누르세요":     "<b>\"예\"</b>를 누르세요",
		"约**50%**的用户":         "约<b>50%</b>的用户",
		"约**$100**美元":         "约<b>$100</b>美元",
		"点击**文件 > 打开**按钮":     "点击<b>文件 > 打开</b>按钮",
		"*注意：*请先备份":           "<i>注意：</i>请先备份",
		"***注意：***请先备份":       "<b><i>注意：</i></b>请先备份",
		"~~（削除）~~した":          "<s>（削除）</s>した",
		"旧~~(不要)~~新":          "旧<s>(不要)</s>新",
		"～**。**～":             "～<b>。</b>～",
		"葛\U000E0100**(か)**だ": "葛\U000E0100<b>(か)</b>だ",
		"大\uFE00**(か)**だ":     "大\uFE00<b>(か)</b>だ",
		"ｶﾅ**(ｶﾅ)**ｶﾅ":        "ｶﾅ<b>(ｶﾅ)</b>ｶﾅ",
		"𠮷**(よし)**野家":         "𠮷<b>(よし)</b>野家",
		// Code and links.
		"**`ls`**を実行":                   "<b>`ls`</b>を実行",
		"请运行**`ls -l`**命令":              "请运行<b>`ls -l`</b>命令",
		"见**[文档](https://x.example)**。": "见<b>文档</b>。",
		"在**[文档](https://x.example)**中": "在<b>文档</b>中",
		// In other blocks.
		"- **注意：**请": "<b>注意：</b>请",
		"# **注意：**请": "<b>注意：</b>请",
		// Text without spaces after the closing delimiters.
		"**Note:**Please wait.":        "<b>Note:</b>Please wait.",
		"a **Note!**Please":            "a <b>Note!</b>Please",
		"***Note:***Please":            "<b><i>Note:</i></b>Please",
		"~~gone.~~New":                 "<s>gone.</s>New",
		"**Price:**5 EUR":              "<b>Price:</b>5 EUR",
		"**(a)**b":                     "<b>(a)</b>b",
		"**`ls`**now":                  "<b>`ls`</b>now",
		"**Name:**Bob, **Role:**admin": "<b>Name:</b>Bob, <b>Role:</b>admin",
		"**a**:**b**":                  "<b>a</b>:<b>b</b>",
		// No emphasis.
		"snake_case_name":                       "snake_case_name",
		"__init__.py":                           "__init__.py",
		"call __init__()":                       "call __init__()",
		"*.txt and *.log":                       "*.txt and *.log",
		"*.a:*.b":                               "*.a:*.b",
		"rm *.o,*.a":                            "rm *.o,*.a",
		"5 * 3 * 2":                             "5 * 3 * 2",
		"2**(n) and 3**(m)":                     "2**(n) and 3**(m)",
		"a **kwargs, (x)**2":                    "a **kwargs, (x)**2",
		"** a **":                               "** a **",
		"~5 to ~6":                              "~5 to ~6",
		"~~a~ b":                                "~~a~ b",
		"~a~~ b":                                "~a~~ b",
		"変数_a_b_c":                              "変数_a_b_c",
		`C:\PROGRA~1\MICROS~1\x`:                `C:\PROGRA~1\MICROS~1\x`,
		"~bob/x, a~b":                           "~bob/x, a~b",
		"2*3*4":                                 "2*3*4",
		"5*x + 3*y":                             "5*x + 3*y",
		"a*b*c":                                 "a*b*c",
		"foo*bar*baz":                           "foo*bar*baz",
		"x**2 + y**2":                           "x**2 + y**2",
		"2**3**4":                               "2**3**4",
		"Delete *_a_* files":                    "Delete *_a_* files",
		"2**8 and 2**16":                        "2**8 and 2**16",
		"Kolleg*innen und Nutzer*innen":         "Kolleg*innen und Nutzer*innen",
		"*Hinweis für Nutzer*innen:* a":         "<i>Hinweis für Nutzer*innen:</i> a",
		"rm *_old.log and *_new.log":            "rm *_old.log and *_new.log",
		"SELECT * FROM a_b WHERE x LIKE *_y":    "SELECT * FROM a_b WHERE x LIKE *_y",
		"rm *_old and b_, *_new and c_":         "rm *_old and b_, *_new and c_",
		"rm ./*_tmp/* and ./*_old/*":            "rm ./*_tmp/* and ./*_old/*",
		"ls /etc/*_release and /etc/*-release":  "ls /etc/*_release and /etc/*-release",
		"ls /etc/*.d/* and /opt/*/bin":          "ls /etc/*.d/* and /opt/*/bin",
		"SELECT count(*), sum(x)*2, count(*)":   "SELECT count(*), sum(x)*2, count(*)",
		"=SUM(A1:A10)*B2*C3 and =A1*$B$2*C1":    "=SUM(A1:A10)*B2*C3 and =A1*$B$2*C1",
		"and .*, [a-z]*_[0-9]* or .*":           "and .*, [a-z]*_[0-9]* or .*",
		"(a+b)*(c+d)*(e)":                       "(a+b)*(c+d)*(e)",
		"*/5 * * * * /opt/x*":                   "*/5 * * * * /opt/x*",
		"10.0.0.*, 10.0.1.* and *.a":            "10.0.0.*, 10.0.1.* and *.a",
		"open ~/docs/~$a.docx or ~$b~ in ~/x/~": "open ~/docs/~$a.docx or ~$b~ in ~/x/~",
		"allow *:443, *:80":                     "allow *:443, *:80",
		"Delete *_b.log* files":                 "Delete *_b.log* files",
		"rm *.log tmp/*":                        "rm *.log tmp/*",
		"rm *.log,*.tmp a/*, b/*":               "rm *.log,*.tmp a/*, b/*",
		"👍**(a)**b":                             "👍**(a)**b",
		// As in CommonMark.
		"~~a~~ ~b~":             "<s>a</s> <s>b</s>",
		"取消~这个~功能":              "取消<s>这个</s>功能",
		"pass**word**less":      "pass<b>word</b>less",
		"**Windows**11":         "<b>Windows</b>11",
		"**_Note_: a** b":       "<b><i>Note</i></b><b>: a</b> b",
		"Open *config/* now":    "Open <i>config/</i> now",
		"Edit *.env* now":       "Edit <i>.env</i> now",
		"ภาษา*ไทย*ดี":           "ภาษา<i>ไทย</i>ดี",
		"**foo \"*bar*\" foo**": "<b>foo \"</b><b><i>bar</i></b><b>\" foo</b>",
		"__foo, __bar__, baz__": "<b>foo, bar, baz</b>",
		"_(bar)_.":              "<i>(bar)</i>.",
		"*foo**bar*":            "<i>foo**bar</i>",
	} {
		if got := marked(parse(text)); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

// Ensure that bold text next to East Asian text is bold in the renderings for
// Slack, which must not show stars.
func TestEmphasisNextToEastAsianText(t *testing.T) {
	for text, bold := range map[string]string{
		"**注意：**请先备份":      "注意：",
		"비밀번호**(필수)**를 입력": "(필수)",
		"请运行**`ls`**命令":    "ls",
		"**Note:**Please":  "Note:",
		"- 约**50%**的用户":    "50%",
	} {
		for _, as := range []Rendering{Rich, Markdown} {
			data, err := json.Marshal(answers(text, as)[0].Blocks)
			if err != nil {
				t.Fatal(err)
			}
			want := regexp.MustCompile(`"text":"` + regexp.QuoteMeta(bold) + `","style":\{"bold":true`)
			if !want.Match(data) || bytes.Contains(data, []byte("*")) {
				t.Errorf("%s: %q became %s", as, text, data)
			}
		}
	}
}
