// A mixed text of about one megabyte, the same on every machine: the golden texts (about twenty scripts, symbols, odd
// white space) between generated prose and code.
import { readFileSync } from 'node:fs';

const words = {
  english: 'the of and to in is that it was for on are with as his they be at one have this from by hot word but what some we can out other were all there when up use your how said an each she which their time if will way about many then them write would like so these her long make thing see him two has look more day could go come did number sound no most people my over know water than call first who may down side been now find'.split(' '),
  french: 'le la de être et à en avoir que pour dans ce il qui ne sur se pas plus par je avec tout faire son mettre autre on mais nous comme ou si leur y dire elle devoir avant deux même prendre aussi celui donner bien où fois vous encore nouveau aller cela entre premier vouloir déjà grand mon me moins aucun lui temps très savoir falloir voir quelque sans raison notre dont non an monde jour monsieur demander alors après trouver personne rendre part dernier venir pendant passer peu lequel suite bon comprendre depuis point ainsi heure rester'.split(' '),
  russian: 'и в не на я быть он с что а по это она этот к но они мы весь который из у то за свой ты мочь вы такой его сказать только или ещё бы себя один как уже до время если сам когда другой вот говорить наш мой знать стать при чтобы дело жизнь кто первый очень два день её новый рука даже во со раз где там под можно ну какой после их работа без самый потом надо хотеть ли слово идти большой должен место иметь ничто'.split(' '),
  chinese: '的 一 是 不 了 在 人 有 我 他 这 个 们 中 来 上 大 为 和 国 地 到 以 说 时 要 就 出 会 可 也 你 对 生 能 而 子 那 得 于 着 下 自 之 年 过 发 后 作 里 用 道 行 所 然 家 种 事 成 方 多 经 么 去 法 学 如 都 同 现 当 没 动 面 起 看 定 天 分 还 进 好 小 部 其 些 主 样 理 心 她 本 前 开 但 因 只 从 想 实'.split(' '),
  arabic: 'في من على أن إلى كان هذا التي الذي عن مع ما هو لم بعد كل بين قد لا أو هي إن ذلك حتى قال عند كما غير منذ لكن تم أكثر أي حيث العام ثم دون يوم أول نحو فقد نفس خلال سنة وقد مثل كانت إذا فيه ليس لها الآن اليوم'.split(' '),
};
const symbols = ['value', 'index', 'buffer', 'tokenCount', 'HttpClient', 'result', 'node', 'left', 'right', 'parseHeader', 'kMaxSize', 'self', 'options', 'i', 'n', 'x0'];

// Park and Miller's generator: exact in doubles, so every engine draws the same.
function generator(seed) {
  let state = seed;
  return (limit) => (state = (state * 48271) % 2147483647) % limit;
}

function prose(draw, language) {
  const list = words[language];
  const space = language === 'chinese' ? '' : ' ';
  let text = '';
  for (let sentence = 2 + draw(4); sentence > 0; sentence--) {
    const parts = Array.from({ length: 6 + draw(14) }, () => list[draw(list.length)]);
    parts[0] = parts[0][0].toUpperCase() + parts[0].slice(1);
    text += parts.join(space) + (language === 'chinese' ? '。' : ['. ', ', ', '! ', '? '][draw(4)]);
  }
  return text + '\n\n';
}

function code(draw) {
  const name = () => symbols[draw(symbols.length)];
  let text = `public static int ${name()}(int ${name()}, string ${name()})\n{\n`;
  for (let line = 3 + draw(6); line > 0; line--) {
    text += [
      `    int ${name()} = ${name()}.${name()}(${draw(1000)}, "${name()}");\n`,
      `    if (${name()} >= ${draw(100000)} && !${name()}[${name()}])\n    {\n        return -${draw(9)};\n    }\n\n`,
      `    // ${prose(draw, 'english').trim().slice(0, 60)}\n`,
      `    {"${name()}": [${draw(50)}, ${draw(50)}.${draw(99)}, null, true], "${name()}": "${name()}"},\n`,
    ][draw(4)];
  }
  return text + '}\n\n';
}

export function corpus(goldenPath, length = 1_000_000) {
  // The byte order mark is white space in JavaScript's \s but not in Unicode, so the peers would cut it differently.
  const golden = JSON.parse(readFileSync(goldenPath, 'utf8')).cases
    .map((c) => c.text)
    .filter((t) => t.length > 0 && t.length <= 2000 && !t.includes('\uFEFF') && t.isWellFormed());
  const draw = generator(20250620);
  const languages = Object.keys(words);
  const pieces = [];
  for (let bytes = 0, i = 0; bytes < length; i++) {
    const piece = i % 8 === 0 ? golden[(i / 8) % golden.length] + '\n' : i % 3 === 0 ? code(draw) : prose(draw, languages[draw(8) % languages.length]);
    pieces.push(piece);
    bytes += Buffer.byteLength(piece);
  }
  return pieces.join('');
}
